import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Event = Readonly<Record<string, unknown>>;
/** Answers instead of taking the batch: status, headers and body. */
export type Answer = (
  events: readonly Event[],
) => { status: number; headers?: Record<string, string>; body?: object } | undefined;

/** A small server that takes batches as Lightwatch does: an `event_id` it has is acknowledged and not kept twice. */
export class RecordingServer {
  readonly events = new Map<string, Event>();
  /** Batches that came, taken or not. */
  requests = 0;
  readonly keys = new Set<string | undefined>();
  /** What to answer next; undefined takes the batch. */
  answer: Answer = () => undefined;
  #port = 0;
  #server = createServer((request, response) => void this.#handle(request, response));

  static async start(t: TestContext): Promise<RecordingServer> {
    const server = new RecordingServer();
    await server.up();
    t.after(() => server.down());
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Messages of the logs it has, in the order they came first. */
  messages(): readonly unknown[] {
    return [...this.events.values()].filter(({ kind }) => kind === 'log').map(({ message }) => message);
  }

  /** Listens, on the port it had before. */
  async up(): Promise<void> {
    this.#server = createServer((request, response) => void this.#handle(request, response));
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.#port = port;
  }

  /** Refuses connections, and cuts those there are. */
  async down(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    this.requests += 1;
    this.keys.add(request.headers['x-api-key']?.toString());
    const events: readonly Event[] = Buffer.concat(chunks)
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line));
    const answer = this.answer(events);
    if (answer === undefined)
      for (const event of events)
        if (!this.events.has(String(event.event_id))) this.events.set(String(event.event_id), event);
    const {
      status,
      headers = {},
      body,
    } = answer ?? { status: 200, body: { accepted: events.length, rejected: 0, errors: [] } };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? {}));
  }
}
