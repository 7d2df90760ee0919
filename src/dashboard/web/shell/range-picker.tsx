import { CalendarClock } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { describeRange, endsOf, RANGES, type Range, useRange } from './range.ts';

/** `2026-11-24T14:03` in the zone of whoever looks, as the browser's own control takes it. */
function localInput(time: number): string {
  const shifted = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** Which span of time the page shows: one of the usual ones, or any two moments. */
export function RangePicker() {
  const { range, setRange } = useRange();
  const popover = useRef<HTMLDivElement>(null);
  const id = useId();
  const choose = (next: Range) => {
    popover.current?.hidePopover();
    setRange(next);
  };
  return (
    <>
      <Button icon={CalendarClock} popoverTarget={id} aria-label={`Time range: ${describeRange(range)}`}>
        <span className="max-sm:hidden">{describeRange(range)}</span>
        <span className="sm:hidden">
          {RANGES.find(({ from }) => from === range.from && range.to === undefined)?.short ?? 'Range'}
        </span>
      </Button>
      <div ref={popover} id={id} popover="auto" className="menu anchored w-72 p-1.5">
        <ul>
          {RANGES.map(({ from, label }) => {
            const active = range.from === from && range.to === undefined;
            return (
              <li key={from}>
                <button
                  type="button"
                  aria-current={active}
                  className="flex h-7 w-full items-center rounded-sm px-2.5 hover:bg-hover aria-[current=true]:bg-accent-soft aria-[current=true]:text-accent"
                  onClick={() => choose({ from })}
                >
                  {label}
                </button>
              </li>
            );
          })}
        </ul>
        <CustomRange key={`${range.from} ${range.to}`} range={range} onChoose={choose} />
      </div>
    </>
  );
}

function CustomRange({ range, onChoose }: { readonly range: Range; readonly onChoose: (range: Range) => void }) {
  const ends = endsOf(range);
  const [from, setFrom] = useState(localInput(ends.from));
  const [to, setTo] = useState(localInput(ends.to));
  const wrong = from !== '' && to !== '' && from >= to ? 'must be after the start' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong === undefined) onChoose({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  };
  return (
    <form onSubmit={submit} className="mt-1.5 grid gap-2 border-t border-line p-2.5">
      <TextField label="From" type="datetime-local" value={from} onText={setFrom} required />
      <TextField label="To" type="datetime-local" value={to} onText={setTo} required error={wrong} />
      <Button type="submit" size="small">
        Show this range
      </Button>
    </form>
  );
}
