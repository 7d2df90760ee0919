import type { LogSample } from '../../schemas/delivery.ts';
import type { Rule } from '../../schemas/rule.ts';
import { all } from '../core/filter.ts';
import type { Reading } from '../core/incident.ts';
import { ruleWindowMs } from '../core/rule.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import { groupFilters, lookBack, sliceFilter, sliceOf } from './slice.ts';

/** Log lines a notification shows, and characters of each. */
const SAMPLES = 5;
const SAMPLE_CHARACTERS = 1000;

/** The newest log lines that a rule counted at `now`, newest first; none for a rule that counts no logs. */
export async function sampleLogs(rule: Rule, reading: Reading, store: Store, now: number): Promise<LogSample[]> {
  if (rule.type !== 'log_count') return [];
  const where = all(sliceFilter(sliceOf(rule), lookBack(ruleWindowMs(rule), now)), ...groupFilters(rule, reading));
  const page = await store.page({ kind: 'log', where, order: 'desc', limit: SAMPLES, offset: 0, total: false });
  return page.events.map(({ id, timestamp, service, level, message }) => ({
    id,
    timestamp: formatTimestamp(timestamp),
    service,
    level,
    message: cut(message),
  }));
}

/** The beginning of a message; half of a surrogate pair at its end is left out. */
function cut(message: string): string {
  return message.slice(0, SAMPLE_CHARACTERS).replace(/[\ud800-\udbff]$/, '');
}
