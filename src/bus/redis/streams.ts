import type { Topic } from '../bus.ts';

/** The stream of each topic, as the documents of earlier versions call them. */
const STREAMS: Readonly<Record<Topic, string>> = {
  log: 'stream:logs',
  metric: 'stream:metrics',
  security: 'stream:security',
  heartbeat: 'stream:heartbeats',
  span: 'stream:spans',
  alert: 'stream:alerts',
};
export const TOPICS = Object.keys(STREAMS) as readonly Topic[];

/** Entries kept of each stream, about: minutes at the usual pace, and what is older is in the store. */
export const STREAM_ENTRIES = 100_000;

/** Characters kept of each stream, about, where its entries are large: Redis holds all of them in memory. */
export const STREAM_CHARACTERS = 64 * 1024 * 1024;

export function streamOf(topic: Topic, prefix: string): string {
  return prefix + STREAMS[topic];
}
