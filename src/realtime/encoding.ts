import type { ChannelName, Gap } from '../../schemas/live.ts';

/** How an event and a gap look on the wire. Encodings are compared by identity: what is encoded once is shared. */
export interface Encoding {
  /** One event, already JSON. */
  event(json: string, id: string): Buffer;
  gap(gap: Gap): Buffer;
}

/** A socket of one channel: each message is an event, and nothing around it. */
export const PLAIN: Encoding = {
  event: (json) => textFrame(json),
  gap: (gap) => textFrame(JSON.stringify(gap)),
};

export const SERVER_SENT_EVENTS: Encoding = {
  // JSON has no line breaks of its own, so that an event is one line.
  event: (json, id) => Buffer.from(`id: ${id}\ndata: ${json}\n\n`),
  gap: (gap) => Buffer.from(`event: gap\ndata: ${JSON.stringify(gap)}\n\n`),
};

/** The multiplexed socket: every message names its channel. */
export function enveloped(channel: ChannelName): Encoding {
  const start = `{"type":"event","channel":${JSON.stringify(channel)},"data":`;
  return {
    event: (json) => textFrame(`${start}${json}}`),
    gap: (gap) => textFrame(JSON.stringify({ ...gap, channel })),
  };
}

/**
 * A whole WebSocket message in one frame (RFC 6455, 5.2), from server to client and so without a mask. Made here rather
 * than by `ws`, so that the same bytes can go to every client.
 */
export function textFrame(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = 0x81;
  if (head === 2) frame[1] = size;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(size), 2);
  }
  frame.write(text, head);
  return frame;
}
