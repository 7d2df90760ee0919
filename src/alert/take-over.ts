import type { Collection, DocumentOf } from '../../schemas/documents.ts';
import type { Leadership } from '../core/leadership.ts';
import type { DocumentQuery, Documents } from '../store/store.ts';

/** Marks of what others change meanwhile are tried again; more often than this is only lost when something is wrong. */
const MAX_RACES = 5;

/**
 * What a new leader does before its first tick: it puts its mark on everything that is going on, so that nothing of it
 * can be changed any more by writes which its predecessor has left on their way.
 */
export class TakeOver {
  readonly #documents: Documents;
  readonly #leadership: Leadership;
  /** The fencing number of the last mark: with 0 there is no other leader, and nothing to mark. */
  #marked = 0;

  /** @param documents as the engine may write them */
  constructor(documents: Documents, leadership: Leadership) {
    this.#documents = documents;
    this.#leadership = leadership;
  }

  /** Does so once for each fencing number. */
  async finish(): Promise<void> {
    const { fence } = this.#leadership;
    if (fence === this.#marked) return;
    await this.#mark('incidents', { where: { status: 'open' } });
    await this.#mark('incidents', { where: { status: 'acknowledged' } });
    await this.#mark('pending_breaches', {});
    this.#marked = fence;
  }

  async #mark<C extends Collection>(collection: C, query: DocumentQuery<DocumentOf<C>>): Promise<void> {
    const { items } = await this.#documents.list(collection, query);
    for (const { document, version } of items) {
      if (await this.#documents.update(collection, document, version)) continue;
      await this.#markAgain(collection, document.id);
    }
  }

  async #markAgain<C extends Collection>(collection: C, id: string): Promise<void> {
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = await this.#documents.get(collection, id);
      if (kept === undefined || (await this.#documents.update(collection, kept.document, kept.version))) return;
    }
    throw new Error(`${collection} ${id} is being changed by others`);
  }
}
