import type { ChannelSpec, StoredChannel } from '../../../schemas/channel.ts';
import type { StoredDelivery } from '../../../schemas/delivery.ts';
import type { Clock } from '../../core/clock.ts';
import type { Documents } from '../../store/store.ts';
import type { Notification } from './channel-kind.ts';
import { render } from './channel-kinds.ts';
import type { HttpPoster } from './http-poster.ts';
import type { SendMail } from './mailer.ts';
import { reasonOf, type Send, type SendResult } from './sender.ts';

interface ChannelSenderParts {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly http: Pick<HttpPoster, 'post'>;
  readonly sendMail: SendMail;
}

/** Sends through channels as they are now: what was changed since a delivery was made holds for its next try. */
export class ChannelSender {
  readonly #parts: ChannelSenderParts;

  constructor(parts: ChannelSenderParts) {
    this.#parts = parts;
  }

  /** Sends a delivery to its channel, or to the URL its rule carries. */
  readonly send: Send = async (delivery, signal) => {
    try {
      const channel = await this.#channelOf(delivery);
      if (channel === undefined) return { ok: false, status: null, error: 'the channel was deleted', final: true };
      if (!channel.enabled) return { ok: false, status: null, error: 'the channel is switched off', final: true };
      const { id, payload } = delivery;
      return await this.transmit(channel, { id, payload, sentAt: this.#parts.clock.now() }, signal);
    } catch (error) {
      return { ok: false, status: null, error: reasonOf(error) };
    }
  };

  /** Sends something through a channel once, whether it is enabled or not. Never rejects. */
  async transmit(channel: ChannelSpec, notification: Notification, signal: AbortSignal): Promise<SendResult> {
    const { http, sendMail } = this.#parts;
    const envelope = render(channel.type, channel, notification);
    return envelope.via === 'http' ? http.post(envelope.message, signal) : sendMail(envelope.mail, signal);
  }

  async #channelOf({ channel_id, target }: StoredDelivery): Promise<ChannelSpec | StoredChannel | undefined> {
    if (channel_id === null) return { type: 'webhook', name: '', enabled: true, target };
    const kept = await this.#parts.documents.get('channels', channel_id);
    return kept?.document;
  }
}
