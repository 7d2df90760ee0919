import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import { eventQuery, FILTER_PARAMETERS, fitting } from './query.ts';

/** Traces of one answer. */
export const TRACES = { usual: 50, most: 100 } as const;

const { trace_id: _one, ...spanFilters } = FILTER_PARAMETERS.span;
export const TracesQuery = eventQuery({
  ...spanFilters,
  sort: Type.Optional(oneOf(['newest', 'slowest'], 'By the newest span or by the longest one; newest if not given')),
  limit: fitting(
    '^[1-9][0-9]{0,8}$',
    'a whole number from 1 up',
    `Traces: ${TRACES.usual} if not given; more than ${TRACES.most} is capped`,
  ),
});

/** A trace by its spans: those that began within an hour of the ones that were asked for. */
export const TraceSummary = Type.Object(
  {
    trace_id: Type.String(),
    name: Type.String({ description: 'Of its root: the earliest span whose parent is not there' }),
    service: Type.String({ description: 'Of its root' }),
    started_at: Type.String({ format: 'date-time' }),
    duration_ms: Type.Number({ description: 'From the first start to the last end' }),
    spans: Type.Integer(),
    errors: Type.Integer({ description: 'Spans that failed' }),
    services: Type.Array(Type.String()),
  },
  { $id: 'TraceSummary' },
);
export type TraceSummary = Static<typeof TraceSummary>;

export const TraceList = Type.Object({
  ...list(TraceSummary).properties,
  exact: Type.Boolean({
    description:
      'False when the spans were too many to read: there may be others, and those listed may have more spans',
  }),
});
export type TraceList = Static<typeof TraceList>;
