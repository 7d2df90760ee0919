import { bytes, plural } from '../lib/format.ts';
import { figure } from './figures.ts';
import type { Stats } from './routes.ts';

/** How long the disk of the server lasts, in a few words; undefined where it does not say what it has. */
export function diskOutlook(stats: Stats): string | undefined {
  if (figure(stats, 'disk', 'free_bytes') === undefined) return undefined;
  if (figure(stats, 'disk', 'bytes_per_day') === undefined) return 'its growth is known after an hour';
  const days = figure(stats, 'disk', 'days_left');
  if (days !== undefined) return `fills the disk in ${plural(days, 'day')} at this rate`;
  return `retention keeps it at about ${bytes(figure(stats, 'disk', 'settles_at_bytes') ?? 0)}`;
}
