import { CHANNEL_TYPES, type StoredChannel } from '../../schemas/channel.ts';
import type { Rule } from '../../schemas/rule.ts';
import { invalidParameter } from '../errors.ts';
import type { AddressGuard } from './notify/address-guard.ts';

/**
 * @throws LightwatchError LW_INVALID_PARAMETER when a rule names a channel there is none of, or a URL that
 * notifications must not reach
 */
export function checkRoute(
  { channels = [], webhook }: Pick<Rule, 'channels' | 'webhook'>,
  known: readonly StoredChannel[],
  guard: AddressGuard,
): void {
  const names = new Set<string>([...CHANNEL_TYPES, ...known.flatMap(({ id, name }) => [id, name])]);
  const unknown = channels.findIndex((channel) => !names.has(channel));
  if (unknown !== -1) {
    const name = JSON.stringify(channels[unknown]);
    const types = CHANNEL_TYPES.join(', ');
    const message = `there is no channel ${name}; a rule may name the id or name of one, or a type: ${types}`;
    throw invalidParameter(`channels[${unknown}]`, message);
  }
  const refusal = webhook === undefined ? undefined : guard.refusalOfUrl(webhook);
  if (refusal !== undefined) throw invalidParameter('webhook', refusal);
}
