/**
 * Every limit of the wire contract, with its unit. What exceeds one of these is refused with the field's name.
 */
export const LIMITS = {
  /** Characters of a service name. */
  service: 128,
  /** Characters of a host name (DNS allows 253). */
  host: 255,
  /** Characters of an event, trace or span id. */
  id: 128,
  /** Bytes of a log message in UTF-8; the schemas check characters, ingest checks bytes. */
  message: 64 * 1024,
  /** Characters of a metric's name and of its unit. */
  metricName: 256,
  unit: 64,
  /** Characters of a span's name. */
  spanName: 256,
  /** Characters of a security event's description and of a heartbeat's version. */
  description: 8 * 1024,
  version: 128,
  /** Tags of one event; characters of a key and of a value. */
  tags: 64,
  tagKey: 64,
  tagValue: 256,
  /** Bytes of `meta`, and of a span's `attributes`, as JSON, and how deep each may nest. */
  metaBytes: 16 * 1024,
  metaDepth: 8,
  /** Bytes of a request body, and of an ingest batch after decompression. */
  bodyBytes: 1024 * 1024,
  batchBytes: 16 * 1024 * 1024,
  /** Events of one batch. */
  batchEvents: 10_000,
  /** Events of one page; more asked for is capped to this. */
  page: 500,
  /** Events that `page` reaches, newest first or oldest: further ones are for `cursor`. */
  pagedEvents: 10_000,
  /** Characters of a search text and of a regular expression. */
  searchText: 1024,
  regex: 1024,
  /** Fields that a rule may group by. */
  groupFields: 5,
} as const;
