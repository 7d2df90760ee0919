import { type Static, Type } from '@sinclair/typebox';
import { Heartbeat } from './heartbeat.ts';
import { Log } from './log.ts';
import { Metric } from './metric.ts';
import { Security } from './security.ts';
import { kindedSpan } from './span.ts';

/** What one event is answered with. */
export const Accepted = Type.Object(
  { status: Type.Literal('accepted'), id: Type.String({ description: 'The id under which the event is stored' }) },
  { $id: 'Accepted' },
);
export type Accepted = Static<typeof Accepted>;

/** What a batch is answered with: 200, or 400 (with `error` and `request_id` too) when every event was refused. */
export const BatchReply = Type.Object(
  {
    accepted: Type.Integer(),
    rejected: Type.Integer(),
    errors: Type.Array(
      Type.Object({
        index: Type.Integer({ description: 'Which event of the batch, from 0; blank lines do not count' }),
        code: Type.String(),
        message: Type.String(),
      }),
    ),
  },
  { $id: 'BatchReply' },
);
export type BatchReply = Static<typeof BatchReply>;

export const Queued = Type.Object({ status: Type.Literal('queued') }, { $id: 'Queued' });

/** An event that says its kind: for `/ingest/batch`. */
const KindedEvent = Type.Union(
  [
    Type.Object({ ...Log.properties, kind: Type.Literal('log') }, { additionalProperties: false }),
    Type.Object({ ...Metric.properties, kind: Type.Literal('metric') }, { additionalProperties: false }),
    Type.Object({ ...Security.properties, kind: Type.Literal('security') }, { additionalProperties: false }),
    Type.Object({ ...Heartbeat.properties, kind: Type.Literal('heartbeat') }, { additionalProperties: false }),
    Type.Object(kindedSpan, { additionalProperties: false }),
  ],
  { $id: 'KindedEvent' },
);
/** Events or metrics under the API server's names; each may say its kind. */
export const Bulk = Type.Object(
  { events: Type.Optional(Type.Array(KindedEvent)), metrics: Type.Optional(Type.Array(Metric)) },
  { $id: 'Bulk', additionalProperties: false, description: 'A list, or an object with it under `events` or `metrics`' },
);

const { name: _name, value: _value, metric_type: _type, ...ofCounters } = Metric.properties;
/** What a counter grows by; its name stands in the path. */
export const Increment = Type.Object(
  { ...ofCounters, value: Type.Optional(Type.Number({ minimum: 0, description: '1 if not given' })) },
  { $id: 'Increment', additionalProperties: false },
);

export const Batch = Type.Object({ events: Type.Array(KindedEvent) }, { $id: 'Batch', additionalProperties: false });
