import type { StoredSecurity } from '../../api/routes.ts';
import { short } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { SEVERITIES } from '../../lib/tones.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { Panel } from '../../ui/panel.tsx';

const MOST_SHOWN = 8;

interface TalliesProps {
  readonly events: readonly StoredSecurity[];
  readonly params: UrlParams;
  readonly onChoose: (field: string, value: string) => void;
}

/** The events by type, severity and source. A click chooses by one, another lets go of it. */
export function Tallies({ events, params, onChoose }: TalliesProps) {
  const severities = tally(events, ({ severity }) => severity);
  const lists = [
    {
      title: 'By severity',
      field: 'severity',
      values: SEVERITIES.toReversed().flatMap((name) => severities.filter(([value]) => value === name)),
    },
    { title: 'By type', field: 'type', values: tally(events, ({ type }) => type) },
    { title: 'By source', field: 'ip', values: tally(events, ({ source_ip }) => source_ip) },
    { title: 'By service', field: 'service', values: tally(events, ({ service }) => service) },
  ];
  return (
    <div className="grid grid-cols-4 gap-4 max-xl:grid-cols-2 max-sm:grid-cols-1">
      {lists.map(({ title, field, values }) => {
        const most = Math.max(1, ...values.map(([, count]) => count));
        return (
          <Panel key={field} title={title}>
            <ul className="px-2.5 pb-2.5">
              {values.slice(0, MOST_SHOWN).map(([value, count]) => (
                <li key={value}>
                  <button
                    type="button"
                    className="facet"
                    aria-pressed={params[field] === value}
                    onClick={() => onChoose(field, value)}
                  >
                    <span aria-hidden="true" className="facet-share" style={{ width: `${(count / most) * 100}%` }} />
                    <bdi className="relative truncate">
                      {inertLine(field === 'type' ? value.replaceAll('_', ' ') : value)}
                    </bdi>
                    <span className="relative text-xs text-ink-3">{short(count)}</span>
                  </button>
                </li>
              ))}
              {values.length === 0 && <li className="px-1.5 text-ink-3">None says where it came from.</li>}
              {values.length > MOST_SHOWN && (
                <li className="px-1.5 pt-1 text-xs text-ink-3">{`and ${values.length - MOST_SHOWN} more`}</li>
              )}
            </ul>
          </Panel>
        );
      })}
    </div>
  );
}

/** How many events have each value, the most frequent first. */
function tally(
  events: readonly StoredSecurity[],
  read: (event: StoredSecurity) => string | undefined,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const value = read(event);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}
