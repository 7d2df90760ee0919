import type { StoredChannel } from '../../schemas/channel.ts';
import type { Target } from '../../schemas/delivery.ts';
import type { StoredSilence } from '../../schemas/silence.ts';
import { type Labels, silencer } from '../core/silence.ts';
import type { DocumentPage, Documents } from '../store/store.ts';
import type { Page, ReadRoutes, Routes } from './route.ts';

/** Who is told by these channels, but for what these silences mute. */
export function routesOf(channels: readonly StoredChannel[], silences: readonly StoredSilence[]): Routes {
  let at = Number.NaN;
  let mutedBy: (labels: Labels) => StoredSilence | undefined = () => undefined;
  return {
    route(page) {
      // All pages of a tick have one moment.
      if (page.at !== at) {
        at = page.at;
        mutedBy = silencer(silences, at);
      }
      const silence = mutedBy(page.labels);
      if (silence === undefined) return { outcome: 'paged', targets: targetsOf(page.rule, channels) };
      return { outcome: 'silenced', targets: [], silenceId: silence.id, reason: reasonOf(silence) };
    },
  };
}

/** Reads channels and silences as they are now. */
export function routeReader(documents: Documents): ReadRoutes {
  return async () => {
    const [channels, silences] = await Promise.all([documents.list('channels'), documents.list('silences')]);
    const plain = <D>({ items }: DocumentPage<D>) => items.map(({ document }) => document);
    return routesOf(plain(channels), plain(silences));
  };
}

/**
 * Where the notifications of a rule go: to the URL it carries, and to the enabled channels that it names by their ids,
 * names or types; it names all of them when it names none. With a URL of its own, `webhook` means that.
 */
function targetsOf({ channels: names = [], webhook }: Page['rule'], channels: readonly StoredChannel[]): Target[] {
  const isNamed = ({ id, name, type }: StoredChannel) =>
    names.includes(id) ||
    names.includes(name) ||
    (names.includes(type) && !(type === 'webhook' && webhook !== undefined));
  const told = channels.filter((channel) => channel.enabled && (names.length === 0 || isNamed(channel)));
  return [
    ...(webhook === undefined ? [] : [{ channel_id: null, type: 'webhook', url: webhook } as const]),
    ...told.map(({ id, type }) => ({ channel_id: id, type, url: null })),
  ];
}

function reasonOf({ comment, ends_at: end, recurrence }: StoredSilence): string {
  const until = recurrence === null ? ` until ${end}` : ` every ${recurrence.days.join(', ')} until ${recurrence.end}`;
  return `muted by a silence${until}${comment === '' ? '' : `: ${comment}`}`;
}
