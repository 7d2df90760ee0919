const NEWLINE = 0x0a;

/** Counts the lines of a stream and gives on whole ones only, so that what was written can always be gone on with. */
export class LineCounter {
  count: number;
  /** The id of the last whole line's event. */
  lastId: string | undefined;
  private part: Buffer = Buffer.alloc(0);

  constructor(count: number, lastId: string | undefined) {
    this.count = count;
    this.lastId = lastId;
  }

  /** The whole lines that the stream has now brought. */
  take(chunk: Uint8Array): Buffer {
    const bytes = this.part.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.part, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const whole = bytes.subarray(0, end);
    this.part = bytes.subarray(end);
    if (end === 0) return whole;
    for (let at = whole.indexOf(NEWLINE); at !== -1; at = whole.indexOf(NEWLINE, at + 1)) this.count++;
    const lastStart = end < 2 ? 0 : whole.lastIndexOf(NEWLINE, end - 2) + 1;
    this.lastId = idOf(whole.subarray(lastStart, end - 1).toString());
    return whole;
  }

  /** Drops what is no whole line: the stream broke off within it. */
  forgetPart(): void {
    this.part = Buffer.alloc(0);
  }
}

/** The id of the event in a line. */
export function idOf(line: string): string | undefined {
  try {
    const event: unknown = JSON.parse(line);
    const id = typeof event === 'object' && event !== null && 'id' in event ? event.id : undefined;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
