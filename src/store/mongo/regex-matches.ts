import type { Collection } from 'mongodb';
import type { Filter } from '../../core/filter.ts';
import { regexTest } from '../../core/regex.ts';
import { LightwatchError } from '../../errors.ts';
import { QUERY_TIMEOUT_MS } from './deadline.ts';
import type { EventDocument } from './event-document.ts';
import { filterQuery } from './filter-query.ts';
import { walk } from './walk.ts';

/** Events that one expression may match in a statistic: their ids go back to the server, which takes 16 MB at a time. */
const MAX_MATCHES = 50_000;

/**
 * Filters without expressions, for statistics: the events that an expression matches are looked for among those that
 * `where` may find, and stand in its place by their ids. Filters that have none are answered as they are.
 * @throws LW_QUERY_TIMEOUT when they are too many, or it takes too long
 */
export async function withoutRegex<const F extends readonly Filter[]>(
  collection: Collection<EventDocument>,
  where: Filter,
  filters: F,
  signal: AbortSignal | undefined,
): Promise<{ readonly [I in keyof F]: Filter }> {
  const patterns = new Map(filters.flatMap(patternsOf).map((pattern) => [pattern, [] as string[]]));
  if (patterns.size > 0) await findMatches(collection, where, patterns, signal);
  return filters.map((filter) => replaced(filter, patterns)) as { [I in keyof F]: Filter };
}

async function findMatches(
  collection: Collection<EventDocument>,
  where: Filter,
  patterns: ReadonlyMap<string, string[]>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tests = Array.from(patterns, ([pattern, ids]) => ({ test: regexTest(pattern), ids }));
  const { match } = filterQuery({ op: 'all', filters: [where, { op: 'phrase', text: '' }] });
  const projection = { id: 1, timestamp: 1, message: 1 };
  const deadline = performance.now() + QUERY_TIMEOUT_MS;
  for await (const batch of walk(collection, { match, order: 'desc', projection, signal, deadline })) {
    for (const { _id, message } of batch) {
      for (const { test, ids } of tests) {
        if (!test(String(message))) continue;
        if (ids.push(_id) > MAX_MATCHES) throw tooMany();
      }
    }
  }
}

function tooMany(): LightwatchError {
  return new LightwatchError(
    'LW_QUERY_TIMEOUT',
    `the regular expression matches more than ${MAX_MATCHES} events: narrow its time range or its filter`,
  );
}

function patternsOf(filter: Filter): readonly string[] {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.flatMap(patternsOf);
    case 'not':
      return patternsOf(filter.filter);
    case 'regex':
      return [filter.pattern];
    default:
      return [];
  }
}

function replaced(filter: Filter, matches: ReadonlyMap<string, readonly string[]>): Filter {
  switch (filter.op) {
    case 'all':
    case 'any':
      return { op: filter.op, filters: filter.filters.map((inner) => replaced(inner, matches)) };
    case 'not':
      return { op: 'not', filter: replaced(filter.filter, matches) };
    case 'regex':
      return { op: 'one_of', field: 'event_id', values: matches.get(filter.pattern) ?? [] };
    default:
      return filter;
  }
}
