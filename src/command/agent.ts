import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { Agent } from '../agent/agent.ts';
import { measureHost } from '../agent/host-metrics.ts';
import { CLOSE_WITHIN_MS, endsWithin } from '../closers.ts';
import { systemClock } from '../core/clock.ts';
import { createLog } from '../log.ts';
import { CommandFailure } from './failure.ts';
import { readableLog } from './readable-log.ts';
import { runUntilSignal } from './signals.ts';

interface AgentFlags {
  readonly server: string;
  readonly apiKey?: string;
  readonly file: readonly string[];
  readonly service?: string;
  readonly host?: string;
  readonly interval: number;
  readonly state: string;
  readonly buffer: number;
  readonly tag: Readonly<Record<string, string>>;
  readonly fromStart: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Starts the host agent; rejects with a sentence when its state directory cannot be used. */
export async function startAgent(flags: AgentFlags): Promise<Agent> {
  const destination = process.stderr.isTTY ? readableLog(process.stderr) : process.stderr;
  const log = createLog({ logLevel: flags.logLevel }, destination);
  try {
    return await Agent.start({
      server: flags.server,
      apiKey: flags.apiKey,
      service: flags.service,
      host: (flags.host ?? hostname()) || 'unknown',
      tags: flags.tag,
      files: flags.file,
      fromStart: flags.fromStart,
      intervalMs: flags.interval,
      stateDir: resolve(flags.state),
      bufferBytes: flags.buffer,
      clock: systemClock,
      log,
      measure: measureHost,
    });
  } catch (error) {
    throw new CommandFailure(`the agent cannot start: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `lightwatch agent`: runs until it is told to end. */
export async function runAgent(flags: AgentFlags): Promise<void> {
  await runUntilSignal(async () => {
    const agent = await startAgent(flags);
    const files = flags.file.length === 0 ? 'no files' : flags.file.join(' ');
    process.stderr.write(
      `lightwatch agent: sending this host and ${files} to ${flags.server}; state in ${flags.state}\n`,
    );
    return () => endsWithin(systemClock, CLOSE_WITHIN_MS, agent.close());
  });
}
