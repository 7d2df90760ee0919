import { randomUUID } from 'node:crypto';
import type { StoredSilence } from '../../schemas/silence.ts';
import type { BodyReading } from '../core/body-reading.ts';
import type { Clock } from '../core/clock.ts';
import type { SilenceSpec } from '../core/silence.ts';
import { readSilence, readSilencePatch, readSilenceReplacement } from '../core/silence-body.ts';
import { formatTimestamp, parseTimestamp } from '../core/timestamp.ts';
import { LightwatchError } from '../errors.ts';
import type { Documents } from '../store/store.ts';
import { accept } from './accept.ts';
import { MAX_RACES } from './incidents.ts';

/** Silences there may be, expired ones that are still kept among them: each is looked at for every page. */
const MAX_SILENCES = 1000;

/** The silences in the store, and what may become one. */
export class Silences {
  readonly #documents: Documents;
  readonly #clock: Clock;

  constructor(documents: Documents, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** @throws LightwatchError LW_INVALID_REQUEST naming the field, LW_CONFLICT when there are too many */
  async create(body: unknown, by: string): Promise<StoredSilence> {
    const now = this.#clock.now();
    const spec = accept(readSilence(body, now));
    const { total } = await this.#documents.list('silences', { limit: 1 });
    if (total >= MAX_SILENCES) {
      throw new LightwatchError('LW_CONFLICT', `there are ${MAX_SILENCES} silences already, the most allowed`);
    }
    const silence = { id: randomUUID(), ...spec, created_by: by, created_at: formatTimestamp(now) };
    if (!(await this.#documents.insert('silences', silence)))
      throw new Error(`BUG: the fresh id ${silence.id} is taken`);
    return silence;
  }

  async get(id: string): Promise<StoredSilence> {
    return (await this.#kept(id)).document;
  }

  /** Oldest first. */
  async all(): Promise<readonly StoredSilence[]> {
    const { items } = await this.#documents.list('silences');
    return items.map(({ document }) => document);
  }

  /** A whole new silence under the same id. */
  replace(id: string, body: unknown): Promise<StoredSilence> {
    return this.#change(id, (silence, now) => readSilenceReplacement(silence, body, now));
  }

  /** Some fields changed, as JSON Merge Patch says. */
  patch(id: string, body: unknown): Promise<StoredSilence> {
    return this.#change(id, (silence, now) => readSilencePatch(silence, body, now));
  }

  async delete(id: string): Promise<void> {
    if (!(await this.#documents.delete('silences', id))) throw notFound();
  }

  async #change(
    id: string,
    read: (silence: StoredSilence, now: number) => BodyReading<SilenceSpec>,
  ): Promise<StoredSilence> {
    for (let race = 0; race < MAX_RACES; race++) {
      const { document, version } = await this.#kept(id);
      const changed = { ...document, ...accept(read(document, this.#clock.now())) };
      if (await this.#documents.update('silences', changed, version)) return changed;
    }
    throw new LightwatchError('LW_CONFLICT', 'the silence is being changed by others; try again');
  }

  async #kept(id: string) {
    const kept = await this.#documents.get('silences', id);
    if (kept === undefined) throw notFound();
    return kept;
  }
}

/** Deletes silences that ended before `before`. Resolves to how many. */
export async function expireSilences(documents: Documents, before: number): Promise<number> {
  const { items } = await documents.list('silences');
  const old = items.filter(({ document }) => document.ends_at !== null && parseTimestamp(document.ends_at) < before);
  for (const { document } of old) await documents.delete('silences', document.id);
  return old.length;
}

function notFound(): LightwatchError {
  return new LightwatchError('LW_NOT_FOUND', 'there is no such silence');
}
