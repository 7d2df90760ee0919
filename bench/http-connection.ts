import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly body: Buffer;
}

type OnReply = (status: number, body: Buffer) => void;

/** Answers of the benchmark fit in one read more often than not; pages of 50 events take two. */
const READ_BYTES = 64 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/** One keep-alive connection, one request at a time. Cheaper than a full client, so that the generator is not what is measured. */
export class HttpConnection {
  private readonly socket: Socket;
  private held: Buffer = Buffer.alloc(0);
  private onReply: OnReply | undefined;
  private onError: ((error: Error) => void) | undefined;

  private constructor(port: number, connected: () => void, failed: (error: Error) => void) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.onError = failed;
    this.socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          this.read(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.socket.once('connect', connected);
    this.socket.on('error', (error) => this.onError?.(error));
    this.socket.on('close', () => this.onError?.(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const connection = new HttpConnection(port, () => resolve(connection), reject);
    });
  }

  /** Sends a whole request. The body given to `onReply` is valid only until it returns. */
  send(request: readonly Buffer[], onReply: OnReply, onError: (error: Error) => void): void {
    if (this.onReply !== undefined) throw new Error('BUG: one request at a time');
    this.onReply = onReply;
    this.onError = onError;
    this.socket.cork();
    for (const part of request) this.socket.write(part);
    this.socket.uncork();
  }

  request(...request: readonly Buffer[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.send(request, (status, body) => resolve({ status, body: Buffer.from(body) }), reject);
    });
  }

  close(): void {
    this.onError = undefined;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const headEnd = bytes.indexOf(HEAD_END);
    const length = headEnd < 0 ? undefined : contentLength(bytes.toString('latin1', 0, headEnd));
    const bodyStart = headEnd + HEAD_END.length;
    if (length === undefined || bytes.length < bodyStart + length) {
      // The chunk's memory is reused for the next read.
      this.held = bytes === chunk ? Buffer.from(chunk) : bytes;
      return;
    }
    this.held = Buffer.alloc(0);
    const onReply = this.onReply;
    this.onReply = undefined;
    // "HTTP/1.1 200": the status stands at a fixed place.
    onReply?.(Number(bytes.toString('latin1', 9, 12)), bytes.subarray(bodyStart, bodyStart + length));
  }
}

function contentLength(head: string): number {
  if (head.startsWith('HTTP/1.1 204')) return 0;
  const found = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (found === undefined) throw new Error(`an answer without content-length:\n${head}`);
  return Number(found);
}

/** A request as bytes. `key` is sent as `x-api-key`. */
export function requestBytes(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  key: string,
  body?: { readonly type: string; readonly bytes: Buffer },
): Buffer[] {
  const head = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', `x-api-key: ${key}`];
  if (body !== undefined) head.push(`content-type: ${body.type}`, `content-length: ${body.bytes.length}`);
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  return body === undefined ? [bytes] : [bytes, body.bytes];
}
