import type { ChannelSpec, ChannelType } from '../../../schemas/channel.ts';
import type { NotificationPayload, StormPayload } from '../../../schemas/delivery.ts';
import type { HttpMessage } from './http-poster.ts';
import type { Mail } from './mailer.ts';

/** What is to be told, through whatever channel. */
export interface Notification {
  /** The same in every try. */
  readonly id: string;
  /** Milliseconds since the epoch of this try. */
  readonly sentAt: number;
  readonly payload: NotificationPayload | StormPayload;
}

/** A notification in the words of a channel, ready to be sent. */
export type Envelope =
  | { readonly via: 'http'; readonly message: HttpMessage }
  | { readonly via: 'mail'; readonly mail: Mail };

/** A type of channel. Text of events goes through it as text: whatever it looks like, it does nothing there. */
export interface ChannelKind<T extends ChannelType> {
  render(channel: ChannelSpec<T>, notification: Notification): Envelope;
  /** It keeps incidents of its own: it is told of acknowledgements too, and of every end, also in a storm. */
  readonly tracksIncidents?: boolean;
  /** It is sent through `SMTP_URL`. */
  readonly needsMail?: boolean;
}
