import { type Static, Type } from '@sinclair/typebox';
import { list, oneOf } from './common.ts';
import { LIMITS } from './limits.ts';

const closed = { additionalProperties: false };

const Url = Type.String({ minLength: 1, maxLength: 2048, description: 'An http or https URL' });
const Address = Type.String({
  // One mailbox, and nothing that could end a header or begin another recipient.
  pattern: '^[^\\s@<>,;:"()\\[\\]\\\\]{1,64}@[^\\s@<>,;:"()\\[\\]\\\\]{1,255}$',
  expects: 'an address such as ops@example.com',
});
const named = {
  name: Type.String({ minLength: 1, maxLength: LIMITS.id, description: 'By which rules may name it; one of its own' }),
  enabled: Type.Boolean({ default: true }),
};

/** What each type of channel is told, besides its name. */
export const CHANNEL_SPECS = {
  webhook: Type.Object(
    {
      ...named,
      type: Type.Literal('webhook'),
      target: Url,
      secret: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 512,
          description: 'Signs what is sent, as Standard Webhooks says: `whsec_` and base64, or any text',
        }),
      ),
    },
    closed,
  ),
  slack: Type.Object({ ...named, type: Type.Literal('slack'), target: Url }, closed),
  discord: Type.Object({ ...named, type: Type.Literal('discord'), target: Url }, closed),
  pagerduty: Type.Object(
    {
      ...named,
      type: Type.Literal('pagerduty'),
      routing_key: Type.String({ pattern: '^[!-~]{1,128}$', expects: 'the integration key of a service' }),
      target: Type.Optional({ ...Url, description: 'Where its Events API is, when not in the US region' }),
    },
    closed,
  ),
  email: Type.Object(
    {
      ...named,
      type: Type.Literal('email'),
      to: Type.Union([Address, Type.Array(Address, { minItems: 1, maxItems: 50 })]),
    },
    closed,
  ),
} as const;

export type ChannelType = keyof typeof CHANNEL_SPECS;
export const CHANNEL_TYPES = Object.keys(CHANNEL_SPECS) as readonly ChannelType[];
export type ChannelSpec<T extends ChannelType = ChannelType> = { [K in T]: Static<(typeof CHANNEL_SPECS)[K]> }[T];

const made = {
  id: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
};

/** A way to reach people. Whatever is secret in it is shown as `********`, also within its URL. */
export const Channel = Type.Union(
  CHANNEL_TYPES.map((type) =>
    Type.Object({
      ...CHANNEL_SPECS[type].properties,
      ...made,
      problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it cannot be used now, if that is known' }),
    }),
  ),
  { $id: 'Channel' },
);

export const ChannelList = list(Channel);

const optional = { name: Type.Optional(named.name), enabled: Type.Optional(named.enabled) };

/** A channel as a client sends it: a name is made when there is none, and it is enabled unless it says otherwise. */
export const ChannelBody = Type.Union(
  CHANNEL_TYPES.map((type) => Type.Object({ ...CHANNEL_SPECS[type].properties, ...optional }, closed)),
  { $id: 'ChannelBody' },
);

/** A channel as it is kept. */
export type StoredChannel<T extends ChannelType = ChannelType> = ChannelSpec<T> & { id: string; createdAt: string };

export const ChannelTest = Type.Object(
  {
    status: oneOf(['delivered', 'failed']),
    response_status: Type.Union([Type.Integer(), Type.Null()], { description: 'Null when nothing was answered' }),
    error: Type.Union([Type.String(), Type.Null()]),
  },
  { $id: 'ChannelTest' },
);
export type ChannelTest = Static<typeof ChannelTest>;
