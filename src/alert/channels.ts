import { randomUUID } from 'node:crypto';
import type { ChannelSpec, StoredChannel } from '../../schemas/channel.ts';
import type { BodyReading } from '../core/body-reading.ts';
import { readChannel, readChannelPatch, readChannelReplacement } from '../core/channel.ts';
import type { Clock } from '../core/clock.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { invalidParameter, LightwatchError } from '../errors.ts';
import type { Documents } from '../store/store.ts';
import { accept } from './accept.ts';
import { MAX_RACES } from './incidents.ts';
import type { AddressGuard } from './notify/address-guard.ts';

/** Channels there may be: a rule that names none goes to all of them. */
const MAX_CHANNELS = 200;

/** The channels in the store, and what may become one. */
export class Channels {
  readonly #documents: Documents;
  readonly #clock: Clock;
  readonly #guard: AddressGuard;

  constructor(documents: Documents, clock: Clock, guard: AddressGuard) {
    this.#documents = documents;
    this.#clock = clock;
    this.#guard = guard;
  }

  /** @throws LightwatchError LW_INVALID_REQUEST, LW_INVALID_PARAMETER naming the field, LW_CONFLICT when there are too many or the name is taken */
  async create(body: unknown): Promise<StoredChannel> {
    const others = await this.all();
    if (others.length >= MAX_CHANNELS) {
      throw new LightwatchError('LW_CONFLICT', `there are ${MAX_CHANNELS} channels already, the most allowed`);
    }
    const spec = this.#accept(
      readChannel(body, (type) => freeName(type, others)),
      others,
    );
    const channel: StoredChannel = { id: randomUUID(), ...spec, createdAt: formatTimestamp(this.#clock.now()) };
    if (!(await this.#documents.insert('channels', channel)))
      throw new Error(`BUG: the fresh id ${channel.id} is taken`);
    return channel;
  }

  async get(id: string): Promise<StoredChannel> {
    return (await this.#kept(id)).document;
  }

  async all(): Promise<readonly StoredChannel[]> {
    const { items } = await this.#documents.list('channels');
    return items.map(({ document }) => document);
  }

  /** A whole new channel under the same id. */
  replace(id: string, body: unknown): Promise<StoredChannel> {
    return this.#change(id, (channel) => readChannelReplacement(channel, body));
  }

  /** Some fields changed, as JSON Merge Patch says. */
  patch(id: string, body: unknown): Promise<StoredChannel> {
    return this.#change(id, (channel) => readChannelPatch(channel, body));
  }

  /** @throws LightwatchError LW_CONFLICT while a rule names it: that rule would call nobody */
  async delete(id: string): Promise<void> {
    const { document } = await this.#kept(id);
    await this.#refuseIfNamed([id, document.name], 'take it out of them first');
    if (!(await this.#documents.delete('channels', id))) throw notFound();
  }

  async #change(id: string, read: (channel: StoredChannel) => BodyReading<ChannelSpec>): Promise<StoredChannel> {
    for (let race = 0; race < MAX_RACES; race++) {
      const { document, version } = await this.#kept(id);
      const others = (await this.all()).filter((other) => other.id !== id);
      const changed: StoredChannel = { id, ...this.#accept(read(document), others), createdAt: document.createdAt };
      if (changed.name !== document.name) await this.#refuseIfNamed([document.name], 'it cannot be renamed before');
      if (await this.#documents.update('channels', changed, version)) return changed;
    }
    throw new LightwatchError('LW_CONFLICT', 'the channel is being changed by others; try again');
  }

  #accept(reading: BodyReading<ChannelSpec>, others: readonly StoredChannel[]): ChannelSpec {
    const spec = accept(reading);
    if (others.some(({ name, id }) => name === spec.name || id === spec.name)) {
      throw new LightwatchError('LW_CONFLICT', `there is a channel ${JSON.stringify(spec.name)} already`);
    }
    const target = 'target' in spec ? spec.target : undefined;
    const refusal = target === undefined ? undefined : this.#guard.refusalOfUrl(target);
    if (refusal !== undefined) throw invalidParameter('target', refusal);
    return spec;
  }

  async #refuseIfNamed(names: readonly string[], advice: string): Promise<void> {
    const { items } = await this.#documents.list('rules');
    const rules = items.filter(({ document }) => document.channels?.some((channel) => names.includes(channel)));
    if (rules.length === 0) return;
    const shown = rules.slice(0, 5).map(({ document }) => JSON.stringify(document.name));
    throw new LightwatchError('LW_CONFLICT', `${rules.length} rules name the channel (${shown.join(', ')}); ${advice}`);
  }

  async #kept(id: string) {
    const kept = await this.#documents.get('channels', id);
    if (kept === undefined) throw notFound();
    return kept;
  }
}

/** `slack-1`, `slack-2`, …: the first that is free. */
function freeName(type: string, others: readonly StoredChannel[]): string {
  const taken = new Set(others.map(({ name }) => name));
  let number = 1;
  while (taken.has(`${type}-${number}`)) number += 1;
  return `${type}-${number}`;
}

function notFound(): LightwatchError {
  return new LightwatchError('LW_NOT_FOUND', 'there is no such channel');
}
