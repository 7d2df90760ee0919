import { setTimeout as sleep } from 'node:timers/promises';
import colors from 'picocolors';
import WebSocket from 'ws';
import { Backoff } from '../agent/backoff.ts';
import { parseDuration } from '../core/duration.ts';
import { inertLine } from '../core/inert-text.ts';
import { RecentIds } from '../core/recent-ids.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { fetchHistory } from './history.ts';
import { type FilterFlags, filterOf } from './query-filter.ts';
import { gapLine, tailLine } from './tail-line.ts';

interface TailFlags extends FilterFlags {
  readonly server: string;
  readonly apiKey?: string;
  /** An event's id, or a duration: show first what came after it. */
  readonly since?: string;
  readonly json: boolean;
}

/** A connection that says nothing for so long is asked whether it lives, and given up when it does not answer. */
const PING_MS = 20_000;
/** Ids remembered so that nothing is shown twice where history, or what a server repeats after a lost connection, meets the live stream. */
const REMEMBERED_IDS = 20_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** `lightwatch tail`: shows logs as they arrive, until it is ended; after a lost connection it goes on where it was. */
export async function tail(flags: TailFlags): Promise<void> {
  const view = new TailView(flags.json);
  quietlyEndWithReader();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(EXIT.ok));
  const headers: Record<string, string> = flags.apiKey === undefined ? {} : { 'x-api-key': flags.apiKey };
  const filter = filterOf(flags);
  const age = flags.since === undefined ? undefined : parseDuration(flags.since);
  if (age !== undefined)
    await fetchHistory({ server: flags.server, headers, filter, ageMs: age, show: (event) => view.event(event) });
  else view.lastId = flags.since;
  const backoff = new Backoff();
  for (;;) {
    const query = new URLSearchParams(filter);
    if (view.lastId !== undefined) query.set('since', view.lastId);
    const url = `${flags.server.replace(/^http/, 'ws')}/ws/logs?${query}`;
    const end = await follow(url, headers, view, () => backoff.reset());
    if (end.final) throw new CommandFailure(`${flags.server} refuses the tail: ${end.reason}`);
    note(`${end.reason}; connecting again …`);
    await sleep(backoff.next());
  }
}

/** How a connection ended. `final`: trying again would not help. */
interface End {
  readonly reason: string;
  readonly final: boolean;
}

function follow(url: string, headers: Record<string, string>, view: TailView, opened: () => void): Promise<End> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      headers,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    });
    let alive = true;
    const ping = setInterval(() => {
      if (alive) socket.ping();
      else socket.terminate();
      alive = false;
    }, PING_MS);
    const end = (reason: string, final = false) => {
      clearInterval(ping);
      resolve({ reason, final });
    };
    socket.on('open', () => {
      opened();
      note(`connected to ${new URL(url).host}`);
    });
    socket.on('pong', () => {
      alive = true;
    });
    socket.on('message', (data) => {
      alive = true;
      view.message(String(data));
    });
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode = 0 } = response;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('close', () => {
        end(
          `${statusCode} ${refusalOf(Buffer.concat(chunks).toString())}`.trim(),
          statusCode >= 400 && statusCode < 500 && statusCode !== 429,
        );
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(`the server cannot be reached (${error.code ?? error.message})`),
    );
    // 1008: the server does not want this client, whatever it tries.
    socket.on('close', (code, reason) =>
      end(
        `the connection was closed (${code}${reason.length > 0 ? ` ${inertLine(String(reason))}` : ''})`,
        code === 1008,
      ),
    );
  });
}

/** What the person sees, and how far they have seen. */
class TailView {
  lastId: string | undefined;
  readonly #json: boolean;
  readonly #seen = new RecentIds(REMEMBERED_IDS);

  constructor(json: boolean) {
    this.#json = json;
  }

  message(data: string): void {
    const message = objectOf(data);
    if (message === undefined) return;
    if (message.type === 'gap') this.#gap(message);
    else if (message.type === 'error') note(`the server says: ${inertLine(refusalOf(data))}`);
    else this.event(message);
  }

  event(event: Readonly<Record<string, unknown>>): void {
    const { id } = event;
    if (typeof id !== 'string' || this.#seen.has(id)) return;
    this.lastId = id;
    this.#seen.add(id);
    process.stdout.write(`${this.#json ? JSON.stringify(event) : tailLine(event)}\n`);
  }

  #gap(message: Readonly<Record<string, unknown>>): void {
    if (this.#json) process.stdout.write(`${JSON.stringify(message)}\n`);
    else process.stdout.write(`${gapLine(message.dropped)}\n`);
  }
}

/** For the person, not for what reads stdout. */
function note(text: string): void {
  process.stderr.write(`${colors.dim(`lightwatch tail: ${text}`)}\n`);
}

/** `lightwatch tail | head` ends when head has enough. */
function quietlyEndWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

/** The message of an error reply, or its first line where it is none. */
export function refusalOf(body: string): string {
  const error = objectOf(body)?.error;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return inertLine(typeof message === 'string' ? message : (body.split('\n', 1)[0] ?? '').slice(0, 200));
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
