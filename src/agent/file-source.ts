import type { BigIntStats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Clock } from '../core/clock.ts';
import type { AgentLog } from './agent-log.ts';
import type { Batch } from './batch.ts';
import { type Begin, FileFollower, READ_BUFFER_BYTES } from './file-follower.ts';
import { logEvent, type Origin } from './log-event.ts';
import type { FileRecord, Offsets } from './offsets.ts';

interface FileSourceOptions {
  /** Paths and glob patterns. */
  readonly patterns: readonly string[];
  /** Also read what files held before the agent first saw them. */
  readonly fromStart: boolean;
  readonly origin: Origin;
  readonly offsets: Offsets;
  readonly clock: Clock;
  readonly log: AgentLog;
  /** Time between two searches for new files that match a pattern. */
  readonly rescanMs?: number;
  /** How long a rotated file is read on after its last line: its writer may not have noticed yet. */
  readonly rotatedGraceMs?: number;
}

/** Each followed file is kept open: this stays below the usual limit of 1,024 open files. */
const MAX_FILES = 900;
const RESCAN_MS = 5000;
const ROTATED_GRACE_MS = 60_000;

/** All followed files: finds them, notices rotation, and reads their lines in turn. Close it with `close()`. */
export class FileSource {
  readonly #options: FileSourceOptions;
  readonly #literals: readonly string[];
  readonly #globs: readonly string[];
  readonly #buffer = Buffer.alloc(READ_BUFFER_BYTES);
  /** By identity: the device and inode of the open file. */
  readonly #followers = new Map<string, FileFollower>();
  /** Identities of files that cannot be followed, so that each is opened and told once. */
  #ignored = new Set<string>();
  readonly #told = new Set<string>();
  #wanted: readonly string[] = [];
  #scannedAt: number | undefined;
  #finished: FileFollower[] = [];

  constructor(options: FileSourceOptions) {
    this.#options = options;
    // A backslash is part of a name, or escapes in a pattern: both as the shell has it.
    this.#literals = options.patterns.filter((pattern) => !isDynamicPattern(pattern)).map((path) => resolve(path));
    this.#globs = options.patterns.filter((pattern) => isDynamicPattern(pattern)).map((pattern) => resolve(pattern));
  }

  /** The paths that are followed now. */
  get paths(): readonly string[] {
    return [...this.#followers.values()].map((follower) => follower.record.path);
  }

  /**
   * Adds lines to `batch` until it is full or none is left. `held`: only files that were rotated away are read, the others
   * keep their lines themselves. Resolves to whether there is more. The batch before must be safe, or given back.
   */
  async fill(batch: Batch, held: boolean): Promise<boolean> {
    await this.#refresh();
    let more = false;
    // The file that came first comes last next time, so that a busy one cannot starve the others.
    for (const [identity, follower] of [...this.#followers]) {
      if (held && follower.detachedAt === undefined) continue;
      if (batch.room === 0) return true;
      if (!(await this.#tryTake(follower, batch))) continue;
      more = true;
      this.#followers.delete(identity);
      this.#followers.set(identity, follower);
    }
    return more;
  }

  /** What `batch` took from the files is safe. */
  async acknowledge(batch: Batch): Promise<void> {
    const { offsets, log } = this.#options;
    for (const [follower, offset] of batch.positions) offsets.advance(follower.record, offset);
    for (const follower of this.#finished.splice(0)) {
      log.debug({ file: follower.record.path }, 'a rotated file was read to its end');
      await this.#letGo(follower);
    }
  }

  /** What was read of `batch` is to be read again. */
  giveBack(batch: Batch): void {
    for (const follower of batch.positions.keys()) follower.rewind();
    this.#finished = [];
  }

  async close(): Promise<void> {
    const followers = [...this.#followers.values()];
    this.#followers.clear();
    await Promise.all(followers.map((follower) => follower.close()));
  }

  /** One file in trouble (an unplugged disk, a stale network mount) hurts no other: it is opened anew next time. */
  async #tryTake(follower: FileFollower, batch: Batch): Promise<boolean> {
    try {
      return await this.#take(follower, batch);
    } catch (error) {
      this.#tellOnce(
        follower.record.path,
        () => `${follower.record.path} cannot be read (${codeOf(error)}); it is tried again`,
      );
      this.#drop(follower);
      await follower.close().catch(() => undefined);
      return false;
    }
  }

  async #take(follower: FileFollower, batch: Batch): Promise<boolean> {
    const { origin, clock, rotatedGraceMs = ROTATED_GRACE_MS } = this.#options;
    const now = clock.now();
    const grown = await follower.check();
    const over = follower.detachedAt !== undefined && now - follower.detachedAt >= rotatedGraceMs;
    if (!grown && !over) return false;
    if (grown && follower.detachedAt !== undefined) follower.detachedAt = now;
    const { lines, end } = await follower.read(this.#buffer, batch.room, over && !grown);
    for (const line of lines) batch.add(logEvent(line, follower.record, origin, now));
    if (end > follower.record.offset) batch.positions.set(follower, end);
    if (over && !grown) this.#finished.push(follower);
    return lines.length > 0;
  }

  /** Opens what is new and notices what is gone: once a round by the names already known, now and then by the patterns. */
  async #refresh(): Promise<void> {
    const { clock, rescanMs = RESCAN_MS } = this.#options;
    const now = clock.now();
    const first = this.#scannedAt === undefined;
    if (this.#scannedAt === undefined || now - this.#scannedAt >= rescanMs || now < this.#scannedAt) {
      this.#wanted = await this.#scan();
      this.#scannedAt = now;
    }
    const present = new Set<string>();
    for (const path of this.#wanted) {
      const stats = await statOf(path);
      if (stats === undefined || !stats.isFile()) continue;
      const identity = identityOf(stats);
      present.add(identity);
      await this.#attach(path, identity, first ? this.#firstBegin(path, stats) : 'start');
    }
    for (const [identity, follower] of this.#followers) if (!present.has(identity)) follower.detachedAt ??= now;
    this.#ignored = new Set([...this.#ignored].filter((identity) => present.has(identity)));
    if (first) await this.#findRotatedMeanwhile(now);
  }

  async #scan(): Promise<readonly string[]> {
    const found =
      this.#globs.length === 0
        ? []
        : await glob([...this.#globs], { absolute: true, onlyFiles: true, dot: true, expandDirectories: false });
    const paths = [...new Set([...this.#literals, ...found.sort()])];
    if (paths.length > MAX_FILES)
      this.#tellOnce('too many', () => `${paths.length} files match; only the first ${MAX_FILES} are followed`);
    return paths.slice(0, MAX_FILES);
  }

  async #attach(path: string, identity: string, begin: Begin): Promise<void> {
    const { offsets, log } = this.#options;
    const open = this.#followers.get(identity);
    if (open !== undefined) {
      if (open.detachedAt !== undefined) open.record.path = path;
      open.detachedAt = undefined;
      return;
    }
    if (this.#ignored.has(identity)) return;
    try {
      const follower = await FileFollower.open(path, this.#unused(), begin);
      if (follower === undefined) {
        this.#ignored.add(identity);
        log.info({ file: path }, 'not followed: it is no text file');
        return;
      }
      this.#followers.set(identity, follower);
      offsets.add(follower.record);
      log.info({ file: path, offset: follower.record.offset }, 'following');
    } catch (error) {
      // Gone again already, or not for us to read: it is tried anew each round.
      const code = codeOf(error);
      if (code !== 'ENOENT') this.#tellOnce(path, () => `${path} cannot be read (${code}); it is tried again`);
    }
  }

  /** Records of earlier runs that no open file has. */
  #unused(): readonly FileRecord[] {
    const used = new Set([...this.#followers.values()].map((follower) => follower.record));
    return this.#options.offsets.all().filter((record) => !used.has(record));
  }

  /** A file that appeared while the agent was stopped is read from its start, like one that appears while it runs. */
  #firstBegin(path: string, stats: BigIntStats): Begin {
    const { offsets, fromStart } = this.#options;
    const bornMeanwhile = offsets.savedAt !== undefined && Number(stats.birthtimeMs) > offsets.savedAt;
    return fromStart || bornMeanwhile || offsets.all().some((record) => record.path === path) ? 'start' : 'end';
  }

  /** Files of an earlier run that were rotated to another name while the agent was stopped: their rest is read. */
  async #findRotatedMeanwhile(now: number): Promise<void> {
    for (const record of this.#unused()) {
      const follower = await this.#findRenamed(record);
      if (follower === undefined) {
        this.#options.offsets.forget(record);
        continue;
      }
      follower.detachedAt = now;
      const stats = await statOf(follower.record.path);
      if (stats !== undefined) this.#followers.set(identityOf(stats), follower);
    }
  }

  async #findRenamed(record: FileRecord): Promise<FileFollower | undefined> {
    const directory = dirname(record.path);
    const names = await readdir(directory).catch(() => []);
    for (const name of names) {
      if (!name.startsWith(basename(record.path)) || name === basename(record.path)) continue;
      const path = join(directory, name);
      const stats = await statOf(path);
      if (stats === undefined || String(stats.ino) !== record.inode || !stats.isFile()) continue;
      const follower = await FileFollower.open(path, [record], 'end').catch(() => undefined);
      if (follower?.record === record) return follower;
      await follower?.close();
    }
    return undefined;
  }

  async #letGo(follower: FileFollower): Promise<void> {
    this.#drop(follower);
    this.#options.offsets.forget(follower.record);
    await follower.close();
  }

  #drop(follower: FileFollower): void {
    for (const [identity, other] of this.#followers) if (other === follower) this.#followers.delete(identity);
  }

  #tellOnce(subject: string, message: () => string): void {
    if (this.#told.has(subject)) return;
    this.#told.add(subject);
    this.#options.log.warn(message());
  }
}

function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return await stat(path, { bigint: true }).catch(() => undefined);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
