import type { DayFile } from './day-files.ts';
import type { Engine } from './engine.ts';
import { MAX_SEEN_IDS, type Seen } from './seen-ids.ts';

/** Rows that become JavaScript's at a time: some 20 ms, in which nothing else is answered. */
const ROWS_AT_ONCE = 8_192;

/**
 * The ids that senders gave to what arrived since `from`, oldest first: the newest of them, as many as are remembered.
 * @param files the days of `from` and after it, oldest first
 */
export async function* storedIds(
  engine: Engine,
  files: readonly DayFile[],
  from: number,
): AsyncGenerator<readonly (readonly [eventId: string, seen: Seen])[]> {
  // Doubles become numbers at once.
  const fields = 'id::DOUBLE AS id, event_id, received_at::DOUBLE AS received_at';
  for (const { alias, firstId, lastId } of await parts(engine, files, from)) {
    // By a range of `id`, which DuckDB knows where to find: a limit has it look at everything each time.
    const where = 'event_id IS NOT NULL AND events.id BETWEEN ? AND ?';
    const rows = await engine.scan((read) =>
      read(`SELECT ${fields} FROM ${alias}.events WHERE ${where} ORDER BY id`, [firstId, lastId]),
    );
    yield rows.map((row) => [String(row.event_id), { id: Number(row.id), at: Number(row.received_at) }] as const);
  }
}

interface Part {
  readonly alias: string;
  readonly firstId: number;
  readonly lastId: number;
}

/** The stretches of the files that have so many such ids each, oldest first. */
async function parts(engine: Engine, files: readonly DayFile[], from: number): Promise<readonly Part[]> {
  const found: Part[] = [];
  let room = MAX_SEEN_IDS;
  for (const { alias } of files.toReversed()) {
    const place = 'row_number() OVER (ORDER BY id DESC)';
    const newest = `SELECT id, ${place} AS place FROM ${alias}.events WHERE event_id IS NOT NULL AND received_at >= ?`;
    const rows = await engine.scan((read) =>
      read(
        `SELECT min(id)::DOUBLE AS first_id, max(id)::DOUBLE AS last_id, count(*)::DOUBLE AS ids FROM (${newest}) ` +
          `WHERE place <= ${room} GROUP BY (place - 1) // ${ROWS_AT_ONCE} ORDER BY first_id DESC`,
        [from],
      ),
    );
    for (const row of rows) {
      found.push({ alias, firstId: Number(row.first_id), lastId: Number(row.last_id) });
      room -= Number(row.ids);
    }
    if (room === 0) break;
  }
  return found.reverse();
}
