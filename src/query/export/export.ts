import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EXPORT_FORMATS, type ExportedKind, type ExportFormat } from '../../../schemas/export.ts';
import { decodeCursor } from '../../core/cursor.ts';
import type { StoredEvent } from '../../core/event.ts';
import { invalidParameter, LightwatchError } from '../../errors.ts';
import type { ModuleContext } from '../../http/module.ts';
import type { Cursor, ScanQuery, Store } from '../../store/store.ts';
import { type Parameters, readFilter } from '../parameters.ts';
import { EXPORT_COLUMNS } from './columns.ts';
import { csv } from './csv.ts';
import { ndjson } from './ndjson.ts';

/** Exports that run at once: each has a few batches in memory, and takes its turns at the store with everyone else. */
const MAX_EXPORTS = 4;
const RETRY_AFTER_S = 10;

const MIME_TYPES: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

type Chunks = AsyncGenerator<string | Uint8Array>;

/**
 * Answers `GET /api/<events>/export` for every kind: a stream that is read from the store only as fast as the client takes
 * it. One that breaks off has no proper end, by which clients know it.
 */
export function exporter({ store, clock }: ModuleContext) {
  let running = 0;
  return (kind: ExportedKind, plural: string) =>
    async (request: FastifyRequest<{ Querystring: Parameters }>, reply: FastifyReply): Promise<Readable> => {
      const { format: wanted, order, after, cursor, ...choice } = request.query;
      const format = EXPORT_FORMATS.find((name) => name === wanted) ?? 'ndjson';
      const where = readFilter(kind, choice, clock.now());
      const place = await placeOf(store, kind, after, cursor);
      const query: ScanQuery<ExportedKind> = {
        kind,
        where,
        order: order === 'desc' ? 'desc' : 'asc',
        ...(place !== undefined && { after: place }),
      };
      if (running >= MAX_EXPORTS) {
        const message = `${MAX_EXPORTS} exports are running already`;
        throw new LightwatchError('LW_OVERLOADED', message, { retryAfterS: RETRY_AFTER_S });
      }
      const leaving = new AbortController();
      reply.raw.once('close', () => leaving.abort(new LightwatchError('LW_CLIENT_CLOSED', 'the client has left')));
      running++;
      const chunks = counted(chunksOf(format, kind, store.scan(query, { signal: leaving.signal })), () => running--);
      // What fails at once is answered as an error: there is no status for it later.
      const first = await chunks.next();
      reply
        .type(MIME_TYPES[format])
        .header('content-disposition', `attachment; filename="lightwatch-${plural}.${format}"`);
      return Readable.from(resumed(first, chunks), { objectMode: false, highWaterMark: 1 });
    };
}

async function placeOf(
  store: Store,
  kind: ExportedKind,
  after: string | undefined,
  cursor: string | undefined,
): Promise<Cursor | undefined> {
  if (after !== undefined && cursor !== undefined)
    throw invalidParameter('after', 'must not stand together with cursor');
  if (cursor !== undefined) {
    const place = decodeCursor(cursor);
    if (place === undefined) throw invalidParameter('cursor', 'must be the next_cursor of a list');
    return place;
  }
  if (after === undefined) return undefined;
  const event = await store.get(kind, after);
  if (event === undefined) throw invalidParameter('after', `there is no such ${kind} event`);
  return { timestamp: event.timestamp, id: event.id };
}

function chunksOf(format: ExportFormat, kind: ExportedKind, batches: AsyncIterable<readonly StoredEvent[]>): Chunks {
  switch (format) {
    case 'ndjson':
      return ndjson(batches);
    case 'csv':
      return csv(batches, EXPORT_COLUMNS[kind]);
    case 'parquet':
      return parquetOf(kind, batches);
  }
}

/** What writes Parquet is loaded by the first who wants it. */
async function* parquetOf(kind: ExportedKind, batches: AsyncIterable<readonly StoredEvent[]>): Chunks {
  const { parquet } = await import('./parquet.ts');
  yield* parquet(batches, EXPORT_COLUMNS[kind]);
}

async function* counted(chunks: Chunks, ended: () => void): Chunks {
  try {
    yield* chunks;
  } finally {
    ended();
  }
}

async function* resumed(first: IteratorResult<string | Uint8Array>, rest: Chunks): Chunks {
  try {
    if (first.done === true) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
