import { EXIT } from './failure.ts';

/** Longest that ending takes; then the process leaves whatever is not finished. */
const CLOSE_DEADLINE_MS = 25_000;

/** One Ctrl-C arrives twice where something like npm passes it on as well; nobody presses it twice so fast. */
const SAME_SIGNAL_MS = 300;

/**
 * Opens something and keeps the process alive until SIGINT or SIGTERM, then runs the `close` that `open` resolved to. A
 * signal that comes while it opens counts too; a second one ends the process at once.
 */
export async function runUntilSignal(open: () => Promise<() => Promise<void>>): Promise<void> {
  const signalled = nextSignal();
  // Listening for a signal keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const close = await open();
    await signalled;
    await withDeadline(close);
  } finally {
    clearInterval(alive);
  }
}

async function withDeadline(close: () => Promise<void>): Promise<void> {
  const deadline = setTimeout(() => {
    process.stderr.write('lightwatch: not finished in time; leaving\n');
    process.exit(EXIT.failed);
  }, CLOSE_DEADLINE_MS);
  await close().finally(() => clearTimeout(deadline));
}

/** Resolves at the first signal; the second ends the process. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    let toldAt: number | undefined;
    const tell = (code: number) => {
      if (toldAt !== undefined && performance.now() - toldAt > SAME_SIGNAL_MS) process.exit(code);
      toldAt ??= performance.now();
      resolve();
    };
    process.on('SIGINT', () => tell(130));
    process.on('SIGTERM', () => tell(143));
  });
}
