#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CommandFailure, EXIT } from './command/failure.ts';
import { buildProgram, refuseUnknownCommand } from './command/program.ts';
import { ConfigError } from './config.ts';

/** What a failure means for the person, and the exit code. A stack is shown only for what nobody foresaw. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ConfigError) {
    process.stderr.write(
      `lightwatch: ${error.message}\nNothing was started. \`lightwatch config\` shows every setting.\n`,
    );
    return EXIT.usage;
  }
  if (error instanceof CommandFailure) {
    process.stderr.write(`lightwatch: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`lightwatch: ${error instanceof Error ? error.stack : String(error)}\n`);
  return EXIT.failed;
}

try {
  const program = buildProgram();
  refuseUnknownCommand(program, process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
