import type { AlertMessage, Gap, LiveChannel } from '../../../../schemas/live.ts';
import { credential } from './credential.ts';
import type { StoredLog, StoredMetric, StoredSecurity } from './routes.ts';

export interface LiveEvents {
  logs: StoredLog;
  metrics: StoredMetric;
  security: StoredSecurity;
  alerts: AlertMessage;
}

export type LiveState =
  | { readonly name: 'connecting' | 'open' | 'closed' }
  /** `at`: when it tries again. */
  | { readonly name: 'waiting'; readonly at: number; readonly since: number };

export interface LiveTailOptions<C extends LiveChannel> {
  readonly channel: C;
  /** Filters, as in a query string. */
  readonly filter: Readonly<Record<string, string>>;
  /** Begin with what came after this event. */
  readonly since?: string;
  /** Ids of what is shown already. */
  readonly shown?: readonly string[];
  /** Everything that came since the last frame, at once. */
  onEvents(events: readonly LiveEvents[C][]): void;
  /** Something was left out here; undefined when nobody counted it. */
  onGap(dropped: number | undefined): void;
  onState(state: LiveState): void;
  /** The connection is back after this many milliseconds without one. */
  onBack(awayMs: number): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Events as they arrive, over a WebSocket that comes back by itself, with `since`, so that what was missed is sent first.
 * Messages are handed on once a frame: a screen shows no more than that.
 */
export class LiveTail<C extends LiveChannel> {
  readonly #options: LiveTailOptions<C>;
  #socket: WebSocket | undefined;
  #since: string | undefined;
  /** Ids of what came lately: a server of several replicas sends some of it again to one who comes back. */
  #known = new Set<string>();
  #knownBefore: ReadonlySet<string> = new Set();
  #pending: LiveEvents[C][] = [];
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #lostAt: number | undefined;
  #closed = false;

  constructor(options: LiveTailOptions<C>) {
    this.#options = options;
    this.#since = options.since;
    for (const id of options.shown ?? []) this.#isKnown(id);
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#socket?.close();
    this.#options.onState({ name: 'closed' });
  }

  #connect(): void {
    const { channel, filter, onState, onBack } = this.#options;
    onState({ name: 'connecting' });
    const params = new URLSearchParams(filter);
    if (this.#since !== undefined) params.set('since', this.#since);
    const token = credential();
    if (token !== undefined) params.set('token', token);
    const address = new URL(`/ws/${channel}?${params}`, location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      onState({ name: 'open' });
      if (this.#lostAt !== undefined) onBack(Date.now() - this.#lostAt);
      this.#lostAt = undefined;
    };
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => this.#lost();
  }

  #take(message: LiveEvents[C] | Gap): void {
    if (isGap(message)) {
      this.#flush();
      this.#options.onGap(message.dropped);
      return;
    }
    if (this.#isKnown(message.id)) return;
    this.#pending.push(message);
    this.#since = message.id;
    // A page that is not seen draws no frames: it is handed on all the same when it is seen again, or when it is much.
    if (this.#pending.length >= MOST_PENDING) this.#flush();
    else if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#flush());
  }

  /** Whether it came already; from now on it did. */
  #isKnown(id: string): boolean {
    if (this.#known.has(id) || this.#knownBefore.has(id)) return true;
    if (this.#known.size >= KNOWN_IDS) {
      this.#knownBefore = this.#known;
      this.#known = new Set();
    }
    this.#known.add(id);
    return false;
  }

  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#pending.length === 0 || this.#closed) return;
    const events = this.#pending;
    this.#pending = [];
    this.#options.onEvents(events);
  }

  #lost(): void {
    if (this.#closed) return;
    this.#flush();
    this.#lostAt ??= Date.now();
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#tries++) * (0.75 + Math.random() / 2);
    this.#options.onState({ name: 'waiting', at: Date.now() + pause, since: this.#lostAt });
    this.#timer = setTimeout(() => this.#connect(), pause);
  }
}

/** Ids that are remembered, twice over. */
const KNOWN_IDS = 20_000;

/** Events held back at most while no frame is drawn. */
const MOST_PENDING = 5_000;

function isGap(message: object): message is Gap {
  return 'type' in message && message.type === 'gap' && !('id' in message);
}
