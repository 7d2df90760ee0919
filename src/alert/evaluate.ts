import type { LogSample } from '../../schemas/delivery.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import { heartbeatQuestion, readsHeartbeatAge } from './heartbeat-question.ts';
import { inParallel } from './in-parallel.ts';
import { logQuestions, matchingLogs } from './log-questions.ts';
import { metricQuestions } from './metric-questions.ts';
import type { Question } from './question.ts';

/** Queries under way at once: more would take the store away from those who search and ingest. */
const MAX_QUERIES = 4;
/** Log lines a notification shows, and characters of each. */
const SAMPLES = 5;
const SAMPLE_CHARACTERS = 1000;

/** What a rule found, or why it could not look. */
export type Evaluation = { readonly readings: readonly Reading[] } | { readonly error: unknown };

/**
 * Looks at the store as every rule asks, for the moment `now`, in as few queries as their conditions allow. A query that
 * fails is the error of the rules it was for, and of no other.
 */
export async function evaluateRules(
  rules: readonly Rule[],
  store: Store,
  now: number,
): Promise<ReadonlyMap<string, Evaluation>> {
  const evaluations = new Map<string, Evaluation>();
  await inParallel(questionsOf(rules), MAX_QUERIES, async (question) => {
    try {
      const answers = await question.ask(store, now);
      for (const { id } of question.rules) evaluations.set(id, { readings: answers.get(id) ?? [] });
    } catch (error) {
      for (const { id } of question.rules) evaluations.set(id, { error });
    }
  });
  return evaluations;
}

function questionsOf(rules: readonly Rule[]): readonly Question[] {
  const thresholds = rules.filter((rule) => rule.type === 'threshold');
  const heartbeats = [...rules.filter((rule) => rule.type === 'heartbeat'), ...thresholds.filter(readsHeartbeatAge)];
  return [
    ...logQuestions(rules.filter((rule) => rule.type === 'log_count')),
    ...metricQuestions(thresholds.filter((rule) => !readsHeartbeatAge(rule))),
    ...(heartbeats.length === 0 ? [] : [heartbeatQuestion(heartbeats)]),
  ];
}

/** The newest log lines that a rule counted at `now`, newest first; none for a rule that counts no logs. */
export async function sampleLogs(rule: Rule, store: Store, now: number): Promise<LogSample[]> {
  if (rule.type !== 'log_count') return [];
  const where = matchingLogs(rule, now);
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
