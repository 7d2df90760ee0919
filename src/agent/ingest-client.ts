import sjson from 'secure-json-parse';
import { VERSION } from '../version.ts';

interface IngestClientOptions {
  /** Such as `http://127.0.0.1:3000`. */
  readonly server: string;
  readonly apiKey: string | undefined;
  /** How long a server may take to answer. */
  readonly timeoutMs?: number;
}

/** What became of a batch. */
export type Outcome =
  | { readonly type: 'taken'; readonly accepted: number; readonly refused: readonly Refusal[] }
  /** Not stored, and sending it again later may help. `busy`: the server answered, and asked for patience. */
  | {
      readonly type: 'later';
      readonly reason: string;
      readonly retryAfterMs: number | undefined;
      readonly busy: boolean;
    }
  /** The server takes no batch of this sender until somebody mends something: the key, the address. */
  | { readonly type: 'unwelcome'; readonly reason: string }
  | { readonly type: 'too_large' }
  /** Not stored, and never will be. */
  | { readonly type: 'refused'; readonly reason: string };

/** An event that was refused: its place in the batch, and why. */
export interface Refusal {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** Longer than a server takes for a commit in trouble, shorter than a person's patience. */
const TIMEOUT_MS = 15_000;
/** Enough for the refusals of a whole batch; more is not read. */
const MAX_REPLY_BYTES = 4 * 1024 * 1024;
/** A server that asks for more patience is asked again all the same. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The agent's side of `POST /ingest/batch`. It keeps nothing and tries once: what to do next is for the caller. */
export class IngestClient {
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;

  constructor(options: IngestClientOptions) {
    this.#url = new URL(`${options.server.replace(/\/+$/, '')}/ingest/batch`);
    this.#headers = {
      'content-type': 'application/x-ndjson',
      'user-agent': `lightwatch/${VERSION}`,
      ...(options.apiKey !== undefined && { 'x-api-key': options.apiKey }),
    };
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Sends events, each one line of JSON with its `kind`. Never rejects: a server that cannot be reached is an outcome. */
  async send(events: readonly string[], signal?: AbortSignal): Promise<Outcome> {
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: events.join('\n'),
        // A key is for one server: it does not travel along a redirect.
        redirect: 'manual',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      return outcomeOf(response, await readText(response), events.length);
    } catch (error) {
      return { type: 'later', reason: this.#explain(error), retryAfterMs: undefined, busy: false };
    }
  }

  #explain(error: unknown): string {
    if (error instanceof Error && error.name === 'TimeoutError')
      return `${this.#url.origin} did not answer within ${this.#timeoutMs / 1000} s`;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    return `${this.#url.origin} cannot be reached (${code})`;
  }
}

function outcomeOf(response: Response, text: string, sent: number): Outcome {
  const { status } = response;
  const reply = parseReply(text);
  if (response.ok || (status === 400 && reply.refusals.length > 0)) {
    return { type: 'taken', accepted: reply.accepted ?? sent - reply.refusals.length, refused: reply.refusals };
  }
  const reason = `${status}${reply.message === undefined ? '' : `: ${reply.message}`}`;
  if (status === 408 || status === 429 || status >= 500)
    return {
      type: 'later',
      reason,
      busy: true,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    };
  if (status === 413) return { type: 'too_large' };
  if (status === 401 || status === 403 || status === 404 || status === 405 || status < 400)
    return { type: 'unwelcome', reason };
  return { type: 'refused', reason };
}

/** `Retry-After` as milliseconds from `now`: a number of seconds or a date. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

interface Reply {
  readonly accepted: number | undefined;
  readonly refusals: readonly Refusal[];
  readonly message: string | undefined;
}

/** What a reply says, as far as it can be understood: whatever answers may be no Lightwatch at all. */
function parseReply(text: string): Reply {
  const body: unknown = sjson.safeParse(text);
  if (!isObject(body)) return { accepted: undefined, refusals: [], message: firstLine(text) };
  const error = isObject(body.error) ? body.error : {};
  const items = Array.isArray(body.errors) ? body.errors : error.details;
  return {
    accepted: typeof body.accepted === 'number' ? body.accepted : undefined,
    refusals: Array.isArray(items) ? items.flatMap((item) => refusalOf(item) ?? []) : [],
    message: typeof error.message === 'string' ? error.message : undefined,
  };
}

function refusalOf(item: unknown): Refusal | undefined {
  if (!isObject(item) || typeof item.index !== 'number') return undefined;
  return { index: item.index, code: String(item.code ?? ''), message: String(item.message ?? '') };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function firstLine(text: string): string | undefined {
  return text.trim().split('\n', 1)[0]?.slice(0, 200) || undefined;
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_REPLY_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
