/** Runs at most `limit` tasks at a time, the others in the order in which they came. */
export function limitConcurrency(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      // The next in line takes over the place, so that nobody slips in before it.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
