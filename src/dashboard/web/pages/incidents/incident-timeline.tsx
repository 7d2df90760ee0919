import type { Incident } from '../../api/routes.ts';
import { INCIDENT_TONES } from '../../lib/tones.ts';
import { Dot } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Time } from '../../ui/time.tsx';

type Entry = Incident['history'][number];

/** Every transition with its author, newest first. */
export function IncidentTimeline({ incident: { history } }: { readonly incident: Incident }) {
  return (
    <Panel title="History">
      <ol className="grid px-4 pb-2">
        {history.toReversed().map((entry) => (
          <li
            key={`${entry.at} ${entry.from} ${entry.to} ${entry.note}`}
            className="relative grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 pb-3 before:absolute before:start-[3.5px] before:top-5 before:bottom-0 before:w-px before:bg-line last:before:hidden"
          >
            <span className="pt-1">
              <Dot tone={entry.from === entry.to ? 'neutral' : INCIDENT_TONES[entry.to]} />
            </span>
            <div className="min-w-0">
              <p>
                {sayingOf(entry)} <span className="text-ink-3">by {entry.by}</span>
              </p>
              {entry.note !== undefined && <p className="my-0.5 whitespace-pre-wrap text-ink-2">{entry.note}</p>}
              <p className="text-xs text-ink-3">
                <Time at={entry.at} />
              </p>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function sayingOf({ from, to }: Entry): string {
  if (from === to) return 'Noted';
  if (from === null) return 'Opened';
  if (to === 'open') return 'Opened again';
  return to === 'acknowledged' ? 'Acknowledged' : 'Resolved';
}
