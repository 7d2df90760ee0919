import type { ChannelSpec, ChannelType } from '../../../schemas/channel.ts';
import type { ChannelKind, Envelope, Notification } from './channel-kind.ts';
import { discord } from './channels/discord.ts';
import { email } from './channels/email.ts';
import { pagerduty } from './channels/pagerduty.ts';
import { slack } from './channels/slack.ts';
import { webhook } from './channels/webhook.ts';

/** Every type of channel: one file and one line each. */
export const CHANNEL_KINDS: { readonly [T in ChannelType]: ChannelKind<T> } = {
  webhook,
  slack,
  discord,
  pagerduty,
  email,
};

export function render<T extends ChannelType>(type: T, channel: ChannelSpec<T>, notification: Notification): Envelope {
  return CHANNEL_KINDS[type].render(channel, notification);
}
