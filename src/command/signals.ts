/** Longest that ending takes; then the process leaves whatever is not finished. */
const CLOSE_DEADLINE_MS = 25_000;

/**
 * Keeps the process alive until it is told to end (SIGINT, SIGTERM, or `until` settles), then runs `close`.
 * A second signal ends it at once.
 */
export async function runUntilSignal(close: () => Promise<void>, until?: Promise<unknown>): Promise<void> {
  // Listening for a signal keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  const signal = await Promise.race([nextSignal(), ...(until === undefined ? [] : [until.then(() => undefined)])]);
  if (signal !== undefined) {
    const again = (second: NodeJS.Signals) => process.exit(second === 'SIGINT' ? 130 : 143);
    process.once('SIGINT', again);
    process.once('SIGTERM', again);
  }
  const deadline = setTimeout(() => {
    process.stderr.write('lightwatch: not finished in time; leaving\n');
    process.exit(1);
  }, CLOSE_DEADLINE_MS);
  try {
    await close();
  } finally {
    clearTimeout(deadline);
    clearInterval(alive);
  }
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const told = (signal: NodeJS.Signals) => {
      process.off('SIGINT', told);
      process.off('SIGTERM', told);
      resolve(signal);
    };
    process.on('SIGINT', told);
    process.on('SIGTERM', told);
  });
}
