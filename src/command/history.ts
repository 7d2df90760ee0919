import { inertLine } from '../core/inert-text.ts';
import { CommandFailure } from './failure.ts';

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

async function getJson(url: string, headers: Readonly<Record<string, string>>): Promise<Record<string, unknown>> {
  const { origin } = new URL(url);
  const response = await fetch(url, { headers, redirect: 'error' }).catch((error: unknown) => {
    throw new CommandFailure(`${origin} cannot be reached`, undefined, { cause: error });
  });
  const body: unknown = await response.json().catch(() => ({}));
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  if (response.ok) return fields;
  const { error } = fields;
  const message = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
  throw new CommandFailure(`${origin} answers ${response.status} ${inertLine(message)}`.trim());
}
