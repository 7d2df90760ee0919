import { connect, type Socket } from 'node:net';

const READ_BYTES = 256 * 1024;
/** `{"type":"gap","dropped":n}` is shorter than this, every event is longer. */
const GAP_BYTES = 64;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;

/**
 * A WebSocket client that reads as fast as it can: it counts messages by their frames' headers, and looks inside only
 * when asked to or when one may be a gap.
 */
export class LiveClient {
  messages = 0;
  /** Messages the server says it left out for this client. */
  dropped = 0;
  closed = false;
  private readonly socket: Socket;
  private readonly onMessage: ((payload: Buffer) => void) | undefined;
  private held: Buffer = Buffer.alloc(0);
  private isOpen = false;
  private opened: () => void;
  private refused: (error: Error) => void;

  private constructor(
    port: number,
    path: string,
    onMessage: ((payload: Buffer) => void) | undefined,
    opened: () => void,
    refused: (error: Error) => void,
  ) {
    this.onMessage = onMessage;
    this.opened = opened;
    this.refused = refused;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
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
    this.socket.write(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: bGlnaHR3YXRjaGJlbmNoIQ==\r\n\r\n',
    );
    this.socket.on('error', refused);
    this.socket.on('close', () => {
      this.closed = true;
      refused(new Error('the server closed the WebSocket'));
    });
  }

  /** Resolves when the server has taken the connection. The payload given to `onMessage` is valid only until it returns. */
  static open(port: number, path: string, onMessage?: (payload: Buffer) => void): Promise<LiveClient> {
    return new Promise((resolve, reject) => {
      const client = new LiveClient(port, path, onMessage, () => resolve(client), reject);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    let bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    if (!this.isOpen) bytes = this.handshake(bytes);
    const used = this.isOpen ? this.frames(bytes) : 0;
    this.held = used === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(used));
  }

  /** What follows the answer to the upgrade; all of `bytes` while that is not complete. */
  private handshake(bytes: Buffer): Buffer {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return bytes;
    const status = bytes.toString('latin1', 9, 12);
    if (status !== '101') this.refused(new Error(`the WebSocket was refused with ${status}`));
    else {
      this.isOpen = true;
      this.opened();
    }
    return bytes.subarray(end + 4);
  }

  /** Takes all whole frames of `bytes`; answers how many bytes they were. */
  private frames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = (bytes[at + 1] ?? 0) & 0x7f;
      let start = at + 2;
      if (length === 126) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) {
        if (at + 10 > bytes.length) break;
        length = Number(bytes.readBigUInt64BE(at + 2));
        start = at + 10;
      }
      if (start + length > bytes.length) break;
      this.frame((bytes[at] ?? 0) & 0x0f, bytes, start, start + length);
      at = start + length;
    }
    return at;
  }

  private frame(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === TEXT) {
      const gap = end - start < GAP_BYTES && bytes.toString('latin1', start, start + 13) === '{"type":"gap"';
      if (gap) this.dropped += Number(/"dropped":(\d+)/.exec(bytes.toString('latin1', start, end))?.[1] ?? 0);
      else {
        this.messages++;
        this.onMessage?.(bytes.subarray(start, end));
      }
    } else if (opcode === PING) {
      // A masked pong; a mask of zeros leaves the payload as it is.
      this.socket.write(
        Buffer.concat([Buffer.from([0x8a, 0x80 | (end - start), 0, 0, 0, 0]), bytes.subarray(start, end)]),
      );
    } else if (opcode === CLOSE) {
      this.closed = true;
    }
  }
}
