/** The id of an entry as Redis makes it: `<milliseconds>-<number>`. It is a position of the bus. */
export type StreamId = string;

/** Before the first entry of any stream. */
export const START: StreamId = '0-0';

export function isStreamId(text: string): boolean {
  return /^\d{1,20}-\d{1,20}$/.test(text);
}

/** Negative when `a` is older than `b`, 0 when they are the same. */
export function compareIds(a: StreamId, b: StreamId): number {
  const [aTime = '', aNumber = ''] = a.split('-');
  const [bTime = '', bNumber = ''] = b.split('-');
  return compareNumbers(aTime, bTime) || compareNumbers(aNumber, bNumber);
}

/** Numbers without leading zeros: the longer is the larger. They can be larger than JavaScript counts. */
function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
