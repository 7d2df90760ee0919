import type { Found } from './live-batch.ts';
import type { LiveFilter } from './live-filter.ts';
import type { WorkBudget } from './work-budget.ts';

/** Items between two looks at the time: a costly filter on a large batch must notice in the midst of it. */
const CHECKED_AT_ONCE = 256;

/** Those of `found` that match. */
export function select<I>({ batch, indices }: Found<I>, { matches }: LiveFilter<I>): Found<I> {
  if (matches === undefined) return { batch, indices };
  return { batch, indices: indices.filter((index) => matches(batch.item(index))) };
}

/** The same within a budget of time: undefined when that did not suffice. */
export function selectWithin<I>(found: Found<I>, filter: LiveFilter<I>, budget: WorkBudget): Found<I> | undefined {
  if (filter.matches === undefined) return found;
  const { batch, indices } = found;
  const matching: number[] = [];
  for (let from = 0; from < indices.length; from += CHECKED_AT_ONCE) {
    if (!budget.mayMatch) return undefined;
    const started = performance.now();
    const some = select({ batch, indices: indices.slice(from, from + CHECKED_AT_ONCE) }, filter);
    matching.push(...some.indices);
    budget.spendMatching(performance.now() - started);
  }
  return { batch, indices: matching };
}
