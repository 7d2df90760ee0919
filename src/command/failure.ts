/** What the process ends with. Documented in docs/cli.md. */
export const EXIT = {
  ok: 0,
  /** It ran and did not succeed: something was refused, or could not be reached, opened or written. */
  failed: 1,
  /** The command line or the settings are wrong; nothing was begun. */
  usage: 2,
} as const;

/** A failure that a person can mend: its message is all they need to see, without a stack. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
