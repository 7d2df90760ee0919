import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { ServerMessage } from '../../schemas/live.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Connection } from './connections.ts';
import { textFrame } from './encoding.ts';
import type { Sink } from './subscription.ts';

/** Proxies cut what is silent for a minute; a peer that answers no ping by the next one is gone. */
export const PING_EVERY_MS = 30_000;

/** What a client may say in a while: subscribing and pinging take a fraction of it. */
const MAX_MESSAGES = 100;
const MESSAGES_WINDOW_MS = 10_000;

/** The longest time a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Close codes (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
const POLICY = 1008;
const TRY_AGAIN_LATER = 1013;

/** One open WebSocket: alive as long as it answers pings, and until its credential ends. */
export class WebSocketClient implements Sink, Connection {
  readonly #socket: WebSocket;
  readonly #raw: Socket;
  readonly #clock: Clock;
  #answered = true;
  #ping: Timer | undefined;
  #expiry: Timer | undefined;
  #messages = 0;
  #messagesSince: number;

  /** @param raw the socket that `socket` was made of: whole frames are written to it beside those of `ws` */
  constructor(socket: WebSocket, raw: Socket, clock: Clock) {
    this.#socket = socket;
    this.#raw = raw;
    this.#clock = clock;
    this.#messagesSince = clock.now();
    socket.on('pong', () => {
      this.#answered = true;
    });
    socket.once('close', () => {
      this.#ping?.cancel();
      this.#expiry?.cancel();
    });
    this.#pingLater();
  }

  /** Closes it when a credential ends; `expiresAt` in milliseconds since the epoch. */
  endAt(expiresAt: number): void {
    const left = expiresAt - this.#clock.now();
    if (left <= 0) this.#socket.close(POLICY, 'the credential has expired');
    else this.#expiry = this.#clock.after(Math.min(left, MAX_TIMER_MS), () => this.endAt(expiresAt));
  }

  /**
   * Calls `listener` with each message, as text; binary ones are read as text too. Too many end the connection, and so
   * does a listener that throws.
   */
  onMessage(listener: (text: string) => void): void {
    this.#socket.on('message', (data) => {
      if (!this.#mayTalk()) {
        this.#socket.close(POLICY, `more than ${MAX_MESSAGES} messages in ${MESSAGES_WINDOW_MS / 1000} s`);
        return;
      }
      try {
        listener(data.toString());
      } catch (error) {
        this.#socket.emit('error', error);
      }
    });
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener);
  }

  send(message: ServerMessage): void {
    this.write(textFrame(JSON.stringify(message)));
  }

  get backlogBytes(): number {
    return this.#raw.writableLength;
  }

  write(frames: Buffer): void {
    // After a close frame nothing may follow.
    if (this.#socket.readyState === this.#socket.OPEN) this.#raw.write(frames);
  }

  onDrain(listener: () => void): void {
    this.#raw.on('drain', listener);
  }

  offDrain(listener: () => void): void {
    this.#raw.off('drain', listener);
  }

  closeSlow(): void {
    this.#socket.close(TRY_AGAIN_LATER, 'the client cannot keep up');
  }

  closeForShutdown(): void {
    this.#socket.close(GOING_AWAY, 'the server is shutting down');
  }

  #mayTalk(): boolean {
    const now = this.#clock.now();
    if (now - this.#messagesSince >= MESSAGES_WINDOW_MS) {
      this.#messagesSince = now;
      this.#messages = 0;
    }
    return ++this.#messages <= MAX_MESSAGES;
  }

  #pingLater(): void {
    this.#ping = this.#clock.after(PING_EVERY_MS, () => {
      if (!this.#answered) {
        this.#socket.terminate();
        return;
      }
      this.#answered = false;
      this.#socket.ping();
      this.#pingLater();
    });
  }
}
