import { createReadStream } from 'node:fs';
import { CommandFailure } from './failure.ts';
import { LineCounter } from './line-counter.ts';

/** Where the whole lines of a file end, how many they are, and the id in the last. */
interface LastLine {
  readonly end: number;
  readonly lines: number;
  readonly id: string | undefined;
}

/**
 * Reads a file of events through to its last whole line; one that does not exist has none.
 * @throws CommandFailure when its last line is no event of an export
 */
export async function lastLine(path: string): Promise<LastLine> {
  const counter = new LineCounter(0, undefined);
  let end = 0;
  try {
    for await (const chunk of createReadStream(path)) end += counter.take(chunk).length;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  }
  if (counter.count > 0 && counter.lastId === undefined)
    throw new CommandFailure(`${path} does not end with an event of an export: nothing can be gone on with`);
  return { end, lines: counter.count, id: counter.lastId };
}
