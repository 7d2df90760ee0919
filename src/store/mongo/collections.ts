import type { IndexDescription } from 'mongodb';
import type { Collection } from '../../../schemas/documents.ts';
import type { Kind } from '../../../schemas/event.ts';

/** The collection of each kind of event. */
export const EVENT_COLLECTIONS: Readonly<Record<Kind, string>> = {
  log: 'logs',
  metric: 'metrics',
  security: 'security_events',
  heartbeat: 'heartbeats',
  span: 'spans',
};

/** The newest heartbeat of every service on every host. */
export const SERVICES = 'services';

/** How an event collection would be spread over shards: a service's events stay together, and a repeat meets its first. */
export const SHARD_KEY = { service: 'hashed', _id: 1 } as const;

/** The index by which the server deletes what is past its retention. */
export const TTL_INDEX = 'retention';

const NEWEST_FIRST = { timestamp: -1, id: -1 } as const;

/** What every kind is asked for: pages, pages of a service, what came since, traces, tags. */
const COMMON: readonly IndexDescription[] = [
  { name: 'newest', key: NEWEST_FIRST },
  { name: 'service_newest', key: { service: 1, ...NEWEST_FIRST } },
  { name: 'arrival', key: { id: 1 } },
  // Only events that have one: most have neither a trace nor a tag.
  { name: 'trace', key: { trace_id: 1, ...NEWEST_FIRST }, partialFilterExpression: { trace_id: { $exists: true } } },
  { name: 'tags', key: { 'tags.k': 1, 'tags.v': 1 }, sparse: true },
];

/** Equality, then sort, then range: the fields that are asked for as words, then the order of pages, which is a range too. */
export const EVENT_INDEXES: Readonly<Record<Kind, readonly IndexDescription[]>> = {
  log: [...COMMON, { name: 'service_level_newest', key: { service: 1, level: 1, ...NEWEST_FIRST } }],
  metric: [
    ...COMMON,
    { name: 'service_name_newest', key: { service: 1, name: 1, ...NEWEST_FIRST } },
    { name: 'name_newest', key: { name: 1, ...NEWEST_FIRST } },
  ],
  security: [
    ...COMMON,
    { name: 'source_newest', key: { source_ip: 1, ...NEWEST_FIRST } },
    { name: 'type_severity_newest', key: { type: 1, severity: 1, ...NEWEST_FIRST } },
  ],
  heartbeat: COMMON,
  span: COMMON,
};

/** Fields that lists of documents are chosen by over and over; a collection that is not here stays small. */
const DOCUMENT_FIELDS: Readonly<Partial<Record<Collection, readonly string[]>>> = {
  incidents: ['status', 'announcing', 'ruleId', 'service'],
  deliveries: ['status', 'incident_id'],
  decisions: ['status', 'incident_id'],
};

const IN_ORDER = { place: 1 } as const;

export function documentIndexes(collection: Collection): readonly IndexDescription[] {
  const fields = DOCUMENT_FIELDS[collection] ?? [];
  return [
    { name: 'order', key: IN_ORDER },
    ...fields.map((field) => ({ name: `${field}_order`, key: { [`fields.${field}`]: 1 as const, ...IN_ORDER } })),
  ];
}
