import { type App, buildApp } from '../app.ts';
import type { Config } from '../config.ts';
import { LightwatchError } from '../errors.ts';
import { banner } from './banner.ts';
import { CommandFailure } from './failure.ts';
import { readableLog } from './readable-log.ts';
import { runUntilSignal } from './signals.ts';

/**
 * Opens everything, listens and says so on stdout.
 * @throws CommandFailure with a sentence when the port or the data directory cannot be had; everything is closed again then.
 */
export async function startServer(config: Config): Promise<App> {
  const logDestination = process.stdout.isTTY ? { logDestination: readableLog(process.stdout) } : {};
  let app: App | undefined;
  try {
    app = await buildApp({ config, reportSelf: true, ...logDestination });
    const address = await app.listen();
    process.stdout.write(banner(config, address));
    return app;
  } catch (error) {
    await app?.close();
    throw new CommandFailure(`cannot start: ${explain(error, config)}`, undefined, { cause: error });
  }
}

/** `lightwatch serve`: runs until it is told to end. */
export async function serve(config: Config): Promise<void> {
  await runUntilSignal(async () => {
    const app = await startServer(config);
    return () => app.close();
  });
}

/** What went wrong, and what to do. */
function explain(error: unknown, { host, port }: Config): string {
  if (error instanceof LightwatchError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `port ${port} of ${host} is in use: stop what listens there, or set PORT to another`;
  if (code === 'EACCES') return `port ${port} may not be used by this user: set PORT to one above 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is no address of this machine: set HOST to one of its own, or to 0.0.0.0 for all`;
  // Nothing a person could have foreseen: the stack is what helps.
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
