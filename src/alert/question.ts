import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import type { Store } from '../store/store.ts';

/** One query that answers several rules: rules that look at the same thing cost one scan together. */
export interface Question {
  readonly rules: readonly Rule[];
  /** What each of the rules reads, by its id. Rejects when the store cannot answer. */
  ask(store: Store, now: number): Promise<ReadonlyMap<string, readonly Reading[]>>;
}

/** Items with the same key, in the order in which the keys first came. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
