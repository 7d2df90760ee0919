import { type BasicType, ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { StoredEvent } from '../../core/event.ts';
import { type ExportColumn, fieldOf } from './columns.ts';

/** Events of a row group: what is in memory at once. Larger ones compress better, these cost some 20 MB. */
const ROW_GROUP_EVENTS = 20_000;

const TYPES: Readonly<Record<ExportColumn['type'], BasicType>> = {
  text: 'STRING',
  time: 'TIMESTAMP',
  number: 'DOUBLE',
  json: 'JSON',
};

/** Fields that every stored event has. */
const ALWAYS = new Set(['id', 'event_id', 'timestamp', 'received_at', 'service']);

/** Parquet, a row group after the other; what the footer needs to know of each is all that is kept. */
export async function* parquet(
  batches: AsyncIterable<readonly StoredEvent[]>,
  columns: readonly ExportColumn[],
): AsyncGenerator<Uint8Array> {
  const bytes = new TakenBytes();
  const columnsOf = (events: readonly StoredEvent[]): ColumnSource[] =>
    columns.map(({ field, type }) => ({
      name: field,
      type: TYPES[type],
      nullable: !ALWAYS.has(field),
      data: events.map((event) => parquetValue(fieldOf(event, field), type)),
      offsetIndex: false,
    }));
  const schema = schemaFromColumnData({ columnData: columnsOf([]) });
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'lightwatch' });
  let waiting: StoredEvent[] = [];
  for await (const batch of batches) {
    waiting.push(...batch);
    if (waiting.length < ROW_GROUP_EVENTS) continue;
    await writer.write({ columnData: columnsOf(waiting), rowGroupSize: waiting.length });
    waiting = [];
    yield bytes.take();
  }
  if (waiting.length > 0) await writer.write({ columnData: columnsOf(waiting), rowGroupSize: waiting.length });
  await writer.finish();
  yield bytes.take();
}

function parquetValue(value: unknown, type: ExportColumn['type']): unknown {
  if (value === undefined) return null;
  return type === 'time' ? new Date(Number(value)) : value;
}

/** A buffer that is emptied after each row group; its `offset` goes on counting. */
class TakenBytes extends ByteWriter {
  take(): Uint8Array {
    const taken = this.getBytes().slice();
    this.index = 0;
    return taken;
  }
}
