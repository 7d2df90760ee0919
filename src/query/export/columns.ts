import type { ExportedKind } from '../../../schemas/export.ts';

/** A column of a table of events, and how its values are written. */
export interface ExportColumn {
  readonly field: string;
  readonly type: 'text' | 'time' | 'number' | 'json';
}

const text = (field: string): ExportColumn => ({ field, type: 'text' });
const time = (field: string): ExportColumn => ({ field, type: 'time' });
const json = (field: string): ExportColumn => ({ field, type: 'json' });

const BEFORE = [text('id'), text('event_id'), time('timestamp'), time('received_at'), text('service'), text('host')];
const AFTER = [text('trace_id'), text('span_id'), json('tags'), json('meta')];

/** The columns of formats that have some: those of every event, around those of its kind. */
export const EXPORT_COLUMNS: Readonly<Record<ExportedKind, readonly ExportColumn[]>> = {
  log: [...BEFORE, text('level'), text('message'), ...AFTER],
  metric: [...BEFORE, text('name'), { field: 'value', type: 'number' }, text('unit'), text('metric_type'), ...AFTER],
  security: [...BEFORE, text('type'), text('severity'), text('source_ip'), text('description'), ...AFTER],
};

/** A field of any event; undefined where it has none. */
export function fieldOf(event: object, field: string): unknown {
  return (event as Readonly<Record<string, unknown>>)[field];
}
