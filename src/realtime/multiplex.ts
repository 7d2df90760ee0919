import { CHANNEL_ALIASES, type ChannelName, ClientMessage, type LiveChannel } from '../../schemas/live.ts';
import { explain, sentence } from '../core/check.ts';
import { SchemaCheck } from '../core/schema-check.ts';
import { LightwatchError } from '../errors.ts';
import { parseJson } from '../http/json-body.ts';
import { type Encoding, enveloped } from './encoding.ts';
import type { Channels } from './live-channels.ts';
import type { WebSocketClient } from './websocket-client.ts';

const check = new SchemaCheck(ClientMessage);

/** @throws LightwatchError saying what is wrong with the message */
function readMessage(text: string): ClientMessage {
  const message = parseJson(text);
  if (check.Check(message)) return message;
  const faults = explain(check, message, 'message');
  throw new LightwatchError('LW_INVALID_REQUEST', sentence(faults), { details: faults });
}

/** Answers what a client says; what makes no sense is answered too, and the connection goes on. */
function answerMessages(client: WebSocketClient, answer: (message: ClientMessage) => void): void {
  client.onMessage((text) => {
    try {
      const message = readMessage(text);
      if (message.type === 'ping') client.send({ type: 'pong' });
      else answer(message);
    } catch (error) {
      if (!(error instanceof LightwatchError)) throw error;
      const { code, message, details } = error;
      client.send({ type: 'error', error: { code, message, ...(details !== undefined && { details: [...details] }) } });
    }
  });
}

/** A socket of one channel has nothing to be told but `ping`. */
export function answerPings(client: WebSocketClient): void {
  answerMessages(client, ({ type }) => {
    throw new LightwatchError('LW_INVALID_REQUEST', `${type} is for /ws: this socket has one channel`);
  });
}

/** Several channels over one socket: each at most once, with a filter of its own. Subscribing again replaces the filter. */
export function multiplex(client: WebSocketClient, channels: Channels): void {
  const watched = new Map<ChannelName, () => void>();
  const stop = (name: ChannelName) => {
    watched.get(name)?.();
    watched.delete(name);
  };
  client.onClose(() => {
    for (const end of watched.values()) end();
  });
  answerMessages(client, (message) => {
    if (message.type === 'ping') return;
    const { channel: name } = message;
    if (message.type === 'unsubscribe') {
      stop(name);
      client.send({ type: 'unsubscribed', channel: name });
      return;
    }
    const watch = channels[channelOf(name)].prepare(message.filter ?? {}, message.since);
    stop(name);
    client.send({ type: 'subscribed', channel: name });
    watched.set(name, watch(client, ENVELOPES[name]));
  });
}

function channelOf(name: ChannelName): LiveChannel {
  return name === 'events:realtime' || name === 'metrics:realtime' ? CHANNEL_ALIASES[name] : name;
}

/** One each, so that all clients of a channel share its bytes. */
const ENVELOPES: Readonly<Record<ChannelName, Encoding>> = {
  logs: enveloped('logs'),
  metrics: enveloped('metrics'),
  security: enveloped('security'),
  alerts: enveloped('alerts'),
  'events:realtime': enveloped('events:realtime'),
  'metrics:realtime': enveloped('metrics:realtime'),
};
