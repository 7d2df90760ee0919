/** A filter that makes no sense, with the parameter that is at fault. Whoever meets the client gives it a code. */
export class FilterError extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.name = 'FilterError';
    this.field = field;
  }
}
