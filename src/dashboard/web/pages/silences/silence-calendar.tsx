import type { Silence } from '../../api/routes.ts';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { DAYS, matchersOf, recurrenceOf } from './wording.ts';

const MINUTES_OF_A_DAY = 1440;
const HOURS = [0, 6, 12, 18, 24];

interface Block {
  readonly key: string;
  readonly day: number;
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
  readonly silence: Silence;
}

/** The week of recurring silences, each in its own time zone. */
export function SilenceCalendar({ silences }: { readonly silences: readonly Silence[] }) {
  const recurring = silences.filter(({ recurrence, status }) => recurrence !== null && status !== 'expired');
  const blocks = recurring.flatMap(blocksOf);
  return (
    <Panel title="Every week" hint="each in its own time zone">
      {blocks.length === 0 ? (
        <EmptyState title="No recurring silence">
          One for the maintenance window of Saturday night, say, is drawn here.
        </EmptyState>
      ) : (
        <div className="grid grid-cols-[2.75rem_repeat(7,minmax(0,1fr))] px-3 pb-4">
          <span />
          {DAYS.map(({ value, label }) => (
            <span key={value} className="pb-1 text-center text-xs text-ink-3">
              {label}
            </span>
          ))}
          <div className="relative h-96">
            {HOURS.map((hour) => (
              <span
                key={hour}
                className="absolute end-1.5 -translate-y-1/2 text-2xs whitespace-nowrap text-ink-3"
                style={{ top: `${(hour / 24) * 100}%` }}
              >
                {`${String(hour).padStart(2, '0')}:00`}
              </span>
            ))}
          </div>
          {DAYS.map(({ value }, day) => (
            <div key={value} className="relative h-96 border-s border-y border-line last:border-e">
              {HOURS.slice(1, -1).map((hour) => (
                <span
                  key={hour}
                  aria-hidden="true"
                  className="absolute inset-x-0 border-t border-dashed border-line"
                  style={{ top: `${(hour / 24) * 100}%` }}
                />
              ))}
              {blocks
                .filter((block) => block.day === day)
                .map((block) => (
                  <BlockOf key={block.key} block={block} />
                ))}
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}

function BlockOf({ block: { from, to, silence } }: { readonly block: Block }) {
  const what = matchersOf(silence.matchers);
  const when = silence.recurrence === null ? '' : recurrenceOf(silence.recurrence);
  return (
    <div
      title={`${what}\n${when}${silence.comment === '' ? '' : `\n${silence.comment}`}`}
      className="absolute inset-x-0.5 overflow-hidden rounded-sm bg-warn-soft px-1 text-2xs text-warn"
      style={{
        top: `${(from / MINUTES_OF_A_DAY) * 100}%`,
        height: `max(4px, ${((to - from) / MINUTES_OF_A_DAY) * 100}%)`,
      }}
    >
      <span className="block truncate">{silence.matchers.map(({ value }) => value).join(' · ')}</span>
    </div>
  );
}

/** A window that passes midnight is a block on two days. */
function blocksOf(silence: Silence): Block[] {
  const { recurrence } = silence;
  if (recurrence === null) return [];
  const from = minutesOf(recurrence.start);
  const to = minutesOf(recurrence.end);
  return DAYS.flatMap(({ value }, day) => {
    if (!recurrence.days.includes(value)) return [];
    const key = `${silence.id} ${value}`;
    if (to > from) return [{ key, day, from, to, silence }];
    const first = { key, day, from, to: MINUTES_OF_A_DAY, silence };
    return to === 0 ? [first] : [first, { key: `${key} after`, day: (day + 1) % DAYS.length, from: 0, to, silence }];
  });
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
