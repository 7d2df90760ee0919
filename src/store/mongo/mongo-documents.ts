import type { Db, Collection as MongoCollection, Filter as MongoFilter } from 'mongodb';
import type { Collection, DocumentOf } from '../../../schemas/documents.ts';
import type { DocumentPage, DocumentQuery, Documents, Versioned } from '../store.ts';
import { questionOptions, type Within } from './deadline.ts';
import { isDuplicateKey, readError, writeError } from './store-error.ts';
import type { TimeOrderedIds } from './time-ordered-ids.ts';

/**
 * A document as it is kept: as JSON text, so that it comes back as it was, beside those of its own fields that a list can
 * be chosen by. `place` puts it in the order of insertion.
 */
export interface StoredDocument {
  readonly _id: string;
  readonly version: number;
  readonly place: string;
  readonly fields: Readonly<Record<string, Scalar>>;
  readonly body: string;
  /** The highest fencing number of those who wrote it; absent when nobody had one. */
  readonly fence?: number;
}

type Scalar = string | number | boolean | null;

const FIRST_VERSION = 1;

/** Rules, incidents and other small things, a collection each. */
export class MongoDocuments implements Documents {
  readonly #db: Db;
  readonly #places: TimeOrderedIds;
  readonly #within: Within;
  /** Undefined for those who write without one. */
  readonly #fence: number | undefined;

  constructor(db: Db, places: TimeOrderedIds, within: Within, fence?: number) {
    this.#db = db;
    this.#within = within;
    this.#places = places;
    this.#fence = fence;
  }

  async get<C extends Collection>(collection: C, id: string): Promise<Versioned<DocumentOf<C>> | undefined> {
    const found = await reading(this.#of(collection).findOne({ _id: id }, questionOptions()));
    return found === null ? undefined : decode(found);
  }

  async list<C extends Collection>(
    collection: C,
    { where = {}, order = 'asc', limit, offset = 0 }: DocumentQuery<DocumentOf<C>> = {},
  ): Promise<DocumentPage<DocumentOf<C>>> {
    const filter = conditions(where);
    const kept = this.#of(collection);
    const count = () => reading(kept.countDocuments(filter, questionOptions()));
    // To MongoDB a limit of 0 is none.
    if (limit === 0) return { items: [], total: await count() };
    const cursor = kept
      .find(filter, questionOptions())
      .sort({ place: order === 'asc' ? 1 : -1 })
      .skip(offset);
    const items = reading((limit === undefined ? cursor : cursor.limit(limit)).toArray());
    const whole = limit === undefined && offset === 0;
    const [found, total] = await Promise.all([items, whole ? undefined : count()]);
    return { items: found.map((document) => decode<DocumentOf<C>>(document)), total: total ?? found.length };
  }

  async insert<C extends Collection>(collection: C, document: DocumentOf<C>): Promise<boolean> {
    const place = this.#places.take(1)(0);
    const mark = this.#mark();
    try {
      await this.#of(collection).insertOne(
        {
          _id: document.id,
          version: FIRST_VERSION,
          place,
          ...mark,
          ...encode(document),
        },
        this.#within(),
      );
      return true;
    } catch (cause) {
      if (isDuplicateKey(cause)) return false;
      throw writeError(cause);
    }
  }

  async update<C extends Collection>(collection: C, document: DocumentOf<C>, version: number): Promise<boolean> {
    const { matchedCount } = await writing(
      this.#of(collection).updateOne(
        { _id: document.id, version, ...this.#notFencedOff() },
        { $set: { ...encode(document), ...this.#mark(), version: version + 1 } },
        this.#within(),
      ),
    );
    return matchedCount === 1;
  }

  async delete(collection: Collection, id: string): Promise<boolean> {
    const { deletedCount } = await writing(
      this.#of(collection).deleteOne({ _id: id, ...this.#notFencedOff() }, this.#within()),
    );
    return deletedCount === 1;
  }

  fenced(fence: number): MongoDocuments {
    return new MongoDocuments(this.#db, this.#places, this.#within, fence);
  }

  #mark(): Pick<StoredDocument, 'fence'> {
    return this.#fence === undefined ? {} : { fence: this.#fence };
  }

  /** Documents that bear no higher number than the writer's. */
  #notFencedOff(): MongoFilter<StoredDocument> {
    return this.#fence === undefined ? {} : { fence: { $not: { $gt: this.#fence } } };
  }

  #of(collection: Collection): MongoCollection<StoredDocument> {
    return this.#db.collection<StoredDocument>(collection);
  }
}

/** A field that is null is there: one that is missing equals nothing. */
function conditions(where: object): MongoFilter<StoredDocument> {
  const terms = Object.entries(where)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => ({
      [`fields.${field}`]: value === null ? { $eq: null, $exists: true } : { $eq: value },
    }));
  return terms.length === 0 ? {} : { $and: terms };
}

function encode(document: object): Pick<StoredDocument, 'fields' | 'body'> {
  const scalars = Object.entries(document).filter((entry): entry is [string, Scalar] => isScalar(entry[1]));
  return { fields: Object.fromEntries(scalars), body: JSON.stringify(document) };
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function decode<D>({ body, version }: StoredDocument): Versioned<D> {
  return { document: JSON.parse(body) as D, version };
}

async function reading<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw readError(cause);
  });
}

async function writing<T>(answer: Promise<T>): Promise<T> {
  return answer.catch((cause: unknown) => {
    throw writeError(cause);
  });
}
