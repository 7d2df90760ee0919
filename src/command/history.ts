import { getJson } from './get.ts';

interface HistoryOptions {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly filter: Readonly<Record<string, string>>;
  /** How far back. */
  readonly ageMs: number;
  readonly show: (event: Readonly<Record<string, unknown>>) => void;
}

/** Shows the logs of the last `ageMs`, oldest first, page after page. */
export async function fetchHistory({ server, headers, filter, ageMs, show }: HistoryOptions): Promise<void> {
  const from = new Date(Date.now() - ageMs).toISOString();
  let cursor: string | undefined;
  do {
    const page = {
      ...filter,
      from,
      order: 'asc',
      limit: '500',
      total: 'none',
      ...(cursor !== undefined && { cursor }),
    };
    const body = await getJson(`${server}/api/logs?${new URLSearchParams(page)}`, headers);
    for (const event of Array.isArray(body.data) ? body.data : []) show(event);
    cursor = typeof body.next_cursor === 'string' ? body.next_cursor : undefined;
  } while (cursor !== undefined);
}
