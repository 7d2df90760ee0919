import type { Static } from '@sinclair/typebox';
import { Heartbeat, HeartbeatV1, StoredHeartbeat } from './heartbeat.ts';
import { Log, LogV1, StoredLog } from './log.ts';
import { Metric, MetricV1, StoredMetric } from './metric.ts';
import { Security, SecurityV1, StoredSecurity } from './security.ts';
import { Span, StoredSpan } from './span.ts';

/** The kinds of events, and the schemas of each: as sent (version 2 and 1) and as stored. */
export const EVENT_SCHEMAS = {
  log: { v2: Log, v1: LogV1, stored: StoredLog },
  metric: { v2: Metric, v1: MetricV1, stored: StoredMetric },
  security: { v2: Security, v1: SecurityV1, stored: StoredSecurity },
  heartbeat: { v2: Heartbeat, v1: HeartbeatV1, stored: StoredHeartbeat },
  // Version 1 had no trace ids, and so no spans: one that says 1 is told that it must be 2.
  span: { v2: Span, v1: Span, stored: StoredSpan },
} as const;

export type Kind = keyof typeof EVENT_SCHEMAS;
export const KINDS = ['log', 'metric', 'security', 'heartbeat', 'span'] as const satisfies readonly Kind[];

/** An event of kind K as a client sends it. */
export type SentEvent<K extends Kind = Kind> = Static<(typeof EVENT_SCHEMAS)[K]['v2']>;
/** An event of kind K as a client gets it back. */
export type WireEvent<K extends Kind = Kind> = Static<(typeof EVENT_SCHEMAS)[K]['stored']>;
