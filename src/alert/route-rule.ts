import type { Rule } from '../../schemas/rule.ts';
import { invalidParameter } from '../errors.ts';
import type { AddressGuard } from './notify/address-guard.ts';

/** Kinds of channels a rule may name. Channels of its own come to this list with their senders. */
const CHANNEL_TYPES: readonly string[] = ['webhook'];

/**
 * @throws LightwatchError LW_INVALID_PARAMETER when a rule names a channel there is none of, or a URL that
 * notifications must not reach
 */
export function checkRoute({ channels = [], webhook }: Pick<Rule, 'channels' | 'webhook'>, guard: AddressGuard): void {
  const unknown = channels.findIndex((channel) => !CHANNEL_TYPES.includes(channel));
  if (unknown !== -1) {
    const name = JSON.stringify(channels[unknown]);
    const message = `there is no channel ${name}; a rule may name ${CHANNEL_TYPES.join(', ')}, or carry a URL in webhook`;
    throw invalidParameter(`channels[${unknown}]`, message);
  }
  const refusal = webhook === undefined ? undefined : guard.refusalOfUrl(webhook);
  if (refusal !== undefined) throw invalidParameter('webhook', refusal);
}
