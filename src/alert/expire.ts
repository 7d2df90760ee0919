import { parseTimestamp } from '../core/timestamp.ts';
import type { Documents } from '../store/store.ts';
import { expireSilences } from './silences.ts';

/** Documents read at a time. */
const PAGE = 500;

/**
 * Deletes incidents that were resolved before `before`, settled deliveries made, decisions last taken and silences that
 * ended before it. Resolves to how many.
 */
export async function expireAlerts(documents: Documents, before: number): Promise<number> {
  const incidents = await oldIncidents(documents, before);
  for (const id of incidents) await documents.delete('incidents', id);
  const others = [expireDeliveries, expireDecisions, expireSilences];
  let deleted = incidents.length;
  for (const expire of others) deleted += await expire(documents, before);
  return deleted;
}

/** An incident keeps its place in the list when it is resolved again, so that all of them have to be looked at. */
async function oldIncidents(documents: Documents, before: number): Promise<readonly string[]> {
  const old: string[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const { items } = await documents.list('incidents', { where: { status: 'resolved' }, limit: PAGE, offset });
    for (const { document } of items) {
      if (document.resolvedAt !== null && parseTimestamp(document.resolvedAt) < before) old.push(document.id);
    }
    if (items.length < PAGE) return old;
  }
}

/** Deliveries are listed in the order in which they were made: the first that is young enough ends the search. */
async function expireDeliveries(documents: Documents, before: number): Promise<number> {
  let deleted = 0;
  for (const status of ['delivered', 'given_up'] as const) {
    for (let more = true; more; ) {
      const { items } = await documents.list('deliveries', { where: { status }, limit: PAGE });
      const old = items.filter(({ document }) => parseTimestamp(document.created_at) < before);
      for (const { document } of old) await documents.delete('deliveries', document.id);
      deleted += old.length;
      more = old.length === PAGE;
    }
  }
  return deleted;
}

/** Decisions are listed in the order in which they were first taken: a page with none that is old ends the search. */
async function expireDecisions(documents: Documents, before: number): Promise<number> {
  let deleted = 0;
  for (let more = true; more; ) {
    const { items } = await documents.list('decisions', { where: { status: 'past' }, limit: PAGE });
    const old = items.filter(({ document }) => parseTimestamp(document.until) < before);
    for (const { document } of old) await documents.delete('decisions', document.id);
    deleted += old.length;
    more = items.length === PAGE && old.length > 0;
  }
  return deleted;
}
