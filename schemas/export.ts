import { Type } from '@sinclair/typebox';
import { Id } from './common.ts';
import { eventQuery, FILTER_PARAMETERS, fitting, text } from './query.ts';

export const EXPORT_FORMATS = ['ndjson', 'csv', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What can be exported, by the kinds of events. */
export const EXPORTED_KINDS = ['log', 'metric', 'security'] as const;
export type ExportedKind = (typeof EXPORTED_KINDS)[number];

const parameters = {
  format: fitting('^(ndjson|csv|parquet)$', `one of ${EXPORT_FORMATS.join(', ')}`, '`ndjson` if not given'),
  order: fitting('^(asc|desc)$', 'asc or desc', 'By time: `asc` (oldest first, as if not given) or `desc`'),
  after: Type.Optional({ ...Id, description: 'Goes on after the event with this id: the last one that arrived' }),
  cursor: text(512, 'Goes on after this place: the `next_cursor` of a list'),
};

export const EXPORT_QUERIES = {
  log: eventQuery({ ...parameters, ...FILTER_PARAMETERS.log }),
  metric: eventQuery({ ...parameters, ...FILTER_PARAMETERS.metric }),
  security: eventQuery({ ...parameters, ...FILTER_PARAMETERS.security }),
} as const;
