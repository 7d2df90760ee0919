import type { StoredEvent } from '../../core/event.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import { type ExportColumn, fieldOf } from './columns.ts';

/** What makes a spreadsheet take a cell for a formula, and run it. */
const FORMULA = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** RFC 4180 with a header; a text that a spreadsheet would run is preceded by `'`. */
export async function* csv(
  batches: AsyncIterable<readonly StoredEvent[]>,
  columns: readonly ExportColumn[],
): AsyncGenerator<string> {
  yield `${columns.map(({ field }) => field).join(',')}\r\n`;
  for await (const batch of batches) {
    let lines = '';
    for (const event of batch) lines += `${columns.map((column) => cell(event, column)).join(',')}\r\n`;
    yield lines;
  }
}

function cell(event: StoredEvent, { field, type }: ExportColumn): string {
  const value = fieldOf(event, field);
  if (value === undefined) return '';
  switch (type) {
    case 'number':
      return String(value);
    case 'time':
      return formatTimestamp(Number(value));
    case 'json':
      return quoted(JSON.stringify(value));
    case 'text':
      return quoted(FORMULA.test(String(value)) ? `'${value}` : String(value));
  }
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
