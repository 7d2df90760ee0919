import { ago, clockTime, dayAndTime, preciseTime, utc } from '../lib/time.ts';
import { useNow } from '../lib/use-now.ts';

interface TimeProps {
  /** RFC 3339, or milliseconds since the epoch. */
  readonly at: string | number;
  readonly as?: 'full' | 'clock' | 'precise';
}

const FORMS = { full: dayAndTime, clock: clockTime, precise: preciseTime };

/** A moment in the zone of whoever looks; UTC on hover. */
export function Time({ at, as = 'full' }: TimeProps) {
  const time = typeof at === 'number' ? at : Date.parse(at);
  return (
    <time dateTime={new Date(time).toISOString()} title={utc(time)} className="whitespace-nowrap">
      {FORMS[as](time)}
    </time>
  );
}

/** How long ago a moment was, growing by itself. */
export function Ago({ at }: { readonly at: string | number }) {
  const now = useNow();
  const time = typeof at === 'number' ? at : Date.parse(at);
  const age = ago(time, Math.max(now, time));
  return (
    <time
      dateTime={new Date(time).toISOString()}
      title={`${dayAndTime(time)} · ${utc(time)}`}
      className="whitespace-nowrap"
    >
      {age === 'now' ? 'just now' : `${age} ago`}
    </time>
  );
}
