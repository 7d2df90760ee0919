/** Figures of one module at this moment: numbers, words and objects of such. Keys become snake_case. */
export type Figures = { readonly [key: string]: unknown };

interface Source {
  readonly read: () => Figures;
  readonly counters: ReadonlySet<string>;
}

interface SourceOptions {
  /** Names of figures that only grow: `/metrics` calls them counters. `published`, or `events.log` inside an object. */
  readonly counters?: readonly string[];
}

/** Where modules say how they are: `/stats` shows it whole, `/metrics` the numbers of it. */
export class StatsRegistry {
  readonly #sources = new Map<string, Source>();

  /** @param section the key under which `/stats` shows what `read` returns */
  add(section: string, read: () => Figures, { counters = [] }: SourceOptions = {}): void {
    if (this.#sources.has(section)) throw new Error(`BUG: two modules report ${section}`);
    this.#sources.set(section, { read, counters: new Set(counters) });
  }

  /** Every section by its name. */
  snapshot(): Record<string, Record<string, unknown>> {
    return Object.fromEntries(Array.from(this.#sources, ([section, { read }]) => [section, snakeKeys(read())]));
  }

  /** Every number, flat: `{ name: 'store_events_log', value: 12, counter: false }`. */
  *numbers(): Iterable<{ readonly name: string; readonly value: number; readonly counter: boolean }> {
    for (const [section, { read, counters }] of this.#sources) {
      for (const { path, value } of leaves(read())) {
        const name = [section, ...path].map(snakeCase).join('_');
        yield { name, value, counter: counters.has(path.join('.')) };
      }
    }
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    stats: StatsRegistry;
  }
}

function* leaves(
  figures: Figures,
  above: readonly string[] = [],
): Iterable<{ path: readonly string[]; value: number }> {
  for (const [key, value] of Object.entries(figures)) {
    const path = [...above, key];
    if (typeof value === 'number') yield { path, value };
    else if (typeof value === 'boolean') yield { path, value: value ? 1 : 0 };
    else if (isPlain(value)) yield* leaves(value, path);
  }
}

function snakeKeys(figures: Figures): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [snakeCase(key), isPlain(value) ? snakeKeys(value) : value]),
  );
}

function isPlain(value: unknown): value is Figures {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
