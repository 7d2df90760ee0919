import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Health } from '../../schemas/heartbeat.ts';
import type { Clock } from '../core/clock.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { VERSION } from '../version.ts';
import type { AgentLog } from './agent-log.ts';
import { Backoff } from './backoff.ts';
import { BATCH_EVENTS, Batch } from './batch.ts';
import { DiskBuffer } from './disk-buffer.ts';
import { FileSource } from './file-source.ts';
import type { HostMetric } from './host-metrics.ts';
import { IngestClient } from './ingest-client.ts';
import { type Origin, someTags } from './log-event.ts';
import { Offsets } from './offsets.ts';
import { pause } from './pause.ts';
import { Sender } from './sender.ts';
import { lockState } from './state-lock.ts';

export interface AgentOptions {
  readonly server: string;
  readonly apiKey: string | undefined;
  /** Names all events; else lines are named after their file, and the rest `host:<host>`. */
  readonly service: string | undefined;
  readonly host: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Paths and glob patterns of files to follow. */
  readonly files: readonly string[];
  readonly fromStart: boolean;
  /** Time between two measurements of the host. */
  readonly intervalMs: number;
  readonly stateDir: string;
  readonly bufferBytes: number;
  readonly clock: Clock;
  readonly log: AgentLog;
  readonly measure: () => Promise<readonly HostMetric[]>;
  /** Time between two looks at the followed files. */
  readonly pollMs?: number;
  readonly rescanMs?: number;
  readonly rotatedGraceMs?: number;
  readonly backoff?: Backoff;
  readonly requestTimeoutMs?: number;
}

/** A quarter of a second: what is written is in the tail well within one. */
const POLL_MS = 250;
/** Offsets are written this often; lines sent after the last time are sent again after a crash, and recognised. */
const SAVE_MS = 1000;
/** Measurements kept in memory while neither the server nor the disk takes them: an hour of a large machine. */
const MAX_MEASURED = 20_000;

/** The host agent: measures this machine and follows its files. Start it once; `close()` ends it and keeps what is unsent. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #origin: Origin;
  readonly #offsets: Offsets;
  readonly #source: FileSource;
  readonly #buffer: DiskBuffer;
  readonly #sender: Sender;
  readonly #unlock: () => Promise<void>;
  readonly #stop = new AbortController();
  readonly #measured: string[] = [];
  /** Measurements for which there was no room at all. */
  #lost = 0;
  #savedAt = 0;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(options: AgentOptions, offsets: Offsets, buffer: DiskBuffer, unlock: () => Promise<void>) {
    const { server, apiKey, service, host, tags, clock, log } = options;
    this.#options = options;
    this.#origin = { service, host, tags };
    this.#offsets = offsets;
    this.#buffer = buffer;
    this.#unlock = unlock;
    const timeoutMs = options.requestTimeoutMs;
    const client = new IngestClient({ server, apiKey, ...(timeoutMs !== undefined && { timeoutMs }) });
    const lossEvent = (dropped: number) => this.#lossEvent(dropped);
    this.#sender = new Sender({ client, buffer, clock, log, backoff: options.backoff ?? new Backoff(), lossEvent });
    const { files: patterns, fromStart, rescanMs, rotatedGraceMs } = options;
    this.#source = new FileSource({
      ...{ patterns, fromStart, origin: this.#origin, offsets, clock, log },
      ...(rescanMs !== undefined && { rescanMs }),
      ...(rotatedGraceMs !== undefined && { rotatedGraceMs }),
    });
  }

  /** Opens the state directory and begins. Rejects with a sentence when the directory cannot be used. */
  static async start(options: AgentOptions): Promise<Agent> {
    await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
    const unlock = await lockState(options.stateDir);
    try {
      const offsets = await Offsets.open(options.stateDir);
      const buffer = await DiskBuffer.open(join(options.stateDir, 'buffer'), options.bufferBytes);
      const agent = new Agent(options, offsets, buffer, unlock);
      agent.#running = Promise.all([agent.#follow(), agent.#measure()]);
      return agent;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** The files that are followed now. */
  get files(): readonly string[] {
    return this.#source.paths;
  }

  /** Ends within a few seconds: unsent measurements go to the disk buffer, unsent lines are read again next time. */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#sender.stop();
    await this.#running;
    await this.#sender.close();
    await this.#keepMeasured().catch((error: unknown) => this.#fail(error, 'measurements are lost'));
    await this.#save();
    await this.#source.close();
    await this.#buffer.close();
    await this.#unlock();
  }

  /** Round after round: what was measured and what the files have, made safe before the next is read. */
  async #follow(): Promise<void> {
    const { clock, pollMs = POLL_MS } = this.#options;
    while (!this.#stop.signal.aborted) {
      const more = await this.#round().catch(async (error: unknown) => {
        this.#fail(error, 'neither the server nor the disk takes events; trying again');
        await pause(clock, SAVE_MS, this.#stop.signal);
        return false;
      });
      if (clock.now() - this.#savedAt >= SAVE_MS) await this.#save();
      if (!more) await pause(clock, pollMs, this.#stop.signal);
    }
  }

  /** Resolves to whether there is more to send at once. */
  async #round(): Promise<boolean> {
    const batch = new Batch();
    const measured = this.#measured.slice(0, BATCH_EVENTS / 2);
    for (const event of measured) batch.add(event);
    const more = await this.#source.fill(batch, this.#buffer.nearlyFull);
    try {
      await this.#sender.ship(batch.events);
    } catch (error) {
      this.#source.giveBack(batch);
      throw error;
    }
    this.#measured.splice(0, measured.length);
    await this.#source.acknowledge(batch);
    return more || this.#measured.length > 0;
  }

  async #measure(): Promise<void> {
    const { clock, measure, intervalMs } = this.#options;
    while (!this.#stop.signal.aborted) {
      const started = clock.now();
      const metrics = await measure().catch((error: unknown) => {
        this.#fail(error, 'this machine cannot be measured');
        return [];
      });
      this.#enqueue(this.#heartbeat());
      for (const metric of [...metrics, ...this.#ownMetrics()]) this.#enqueue(this.#metricEvent(metric));
      // A clock that jumped must not make this wait for hours, nor spin.
      const elapsed = Math.min(Math.max(clock.now() - started, 0), intervalMs);
      await pause(clock, Math.max(intervalMs - elapsed, 1), this.#stop.signal);
    }
  }

  /** What was measured and not yet sent waits on disk for the next start. */
  async #keepMeasured(): Promise<void> {
    while (this.#measured.length > 0) await this.#buffer.append(this.#measured.splice(0, BATCH_EVENTS));
  }

  #enqueue(event: string): void {
    if (this.#measured.length < MAX_MEASURED) {
      this.#measured.push(event);
      return;
    }
    this.#lost += 1;
    if (this.#lost === 1) this.#options.log.error('measurements are lost: neither the server nor the disk takes them');
  }

  #ownMetrics(): readonly HostMetric[] {
    return [
      { name: 'agent_memory_bytes', value: process.memoryUsage.rss(), unit: 'bytes' },
      { name: 'agent_buffer_bytes', value: this.#buffer.bytes, unit: 'bytes' },
      { name: 'agent_files', value: this.#source.paths.length, unit: 'files' },
    ];
  }

  #metricEvent({ name, value, unit, tags }: HostMetric): string {
    const metric_type = name.endsWith('_total') ? 'counter' : 'gauge';
    return this.#event('metric', { name, value, unit, metric_type, tags: someTags({ ...this.#origin.tags, ...tags }) });
  }

  #heartbeat(): string {
    const status: Health = this.#buffer.dropped > 0 || this.#lost > 0 ? 'degraded' : 'healthy';
    this.#lost = 0;
    return this.#event('heartbeat', { status, version: VERSION });
  }

  #lossEvent(dropped: number): string {
    const message = `The agent dropped ${dropped} events: the server was away for longer than its buffer of ${this.#options.bufferBytes} bytes could hold`;
    return this.#event('log', { level: 'warn', message, meta: { dropped } });
  }

  #event(kind: 'log' | 'metric' | 'heartbeat', fields: object): string {
    const { clock } = this.#options;
    const { service, host, tags } = this.#origin;
    return JSON.stringify({
      kind,
      event_id: randomUUID(),
      timestamp: formatTimestamp(clock.now()),
      service: service ?? `host:${host}`,
      host,
      tags: someTags(tags),
      ...fields,
    });
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#options.clock.now();
    await this.#offsets
      .save(this.#savedAt)
      .catch((error: unknown) => this.#fail(error, 'the offsets cannot be written; trying again'));
  }

  #fail(error: unknown, message: string): void {
    this.#options.log.error({ err: error }, message);
  }
}
