import { createHmac } from 'node:crypto';
import { signingKey } from '../../../core/channel.ts';
import type { ChannelKind } from '../channel-kind.ts';

/**
 * The payload as JSON, with the headers of Standard Webhooks (https://www.standardwebhooks.com): the id is the same in
 * every try, the timestamp is that of this one, and with a secret the signature says that both and the body are ours.
 */
export const webhook: ChannelKind<'webhook'> = {
  render({ target, secret }, { id, sentAt, payload }) {
    const body = JSON.stringify(payload);
    const timestamp = String(Math.floor(sentAt / 1000));
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(secret !== undefined && { 'webhook-signature': sign(secret, `${id}.${timestamp}.${body}`) }),
    };
    return { via: 'http', message: { url: target, headers, body } };
  },
};

function sign(secret: string, text: string): string {
  const key = signingKey(secret);
  if (key === undefined) throw new Error('BUG: a channel was stored with a secret that is no key');
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}
