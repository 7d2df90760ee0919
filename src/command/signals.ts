import { EXIT } from './failure.ts';

/** One Ctrl-C arrives twice where something like npm passes it on as well; nobody presses it twice so fast. */
const SAME_SIGNAL_MS = 300;

/**
 * Opens something and keeps the process alive until SIGINT or SIGTERM, then runs the `close` that `open` resolved to,
 * which resolves to whether everything has ended: what has not is left behind with exit code 1. A signal that comes while
 * it opens counts too; a second one ends the process at once.
 */
export async function runUntilSignal(open: () => Promise<() => Promise<boolean>>): Promise<void> {
  const signalled = nextSignal();
  // Listening for a signal keeps no process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const close = await open();
    await signalled;
    if (await close()) return;
    process.stderr.write('lightwatch: not everything has ended in time; leaving it\n');
    process.exit(EXIT.failed);
  } finally {
    clearInterval(alive);
  }
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
