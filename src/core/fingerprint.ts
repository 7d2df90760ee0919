import { createHash } from 'node:crypto';

/** Stands for the service in what concerns all services together. */
export const ALL_SERVICES = '*';

/** What an incident is about: `{service}:{ruleId}[:{group}]`. Two breaches with one fingerprint are the same incident. */
export function fingerprint(service: string, ruleId: string, group: string | null): string {
  return group === null ? `${service}:${ruleId}` : `${service}:${ruleId}:${group}`;
}

/**
 * An id that follows from what it names, in the shape of a UUID (version 8 of RFC 9562). Whoever derives it again gets
 * the same one: two engines that race make one incident, and a notification that is sent twice says so.
 */
export function stableId(...parts: readonly string[]): string {
  // As JSON the parts keep their borders: ("a", "b:c") and ("a:b", "c") differ.
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
