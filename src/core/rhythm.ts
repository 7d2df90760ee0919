import { quantile } from './quantile.ts';

/** Newest moments that a rhythm is learnt from: enough to know a pause that comes once in a hundred. */
export const RHYTHM_SAMPLES = 300;
/** With fewer pauses than this, nothing is learnt yet. */
export const MIN_PAUSES = 10;
/** So many usual pauses may pass before it is silence: two that were lost are none yet. */
const PAUSES_OF_GRACE = 3;
/** How much longer than the longest hundredth of the pauses it must be. */
const RARE_PAUSE_FACTOR = 1.5;
/** A median absolute deviation is this much of a standard deviation; six of those are no accident. */
const MAD_FACTOR = 6 * 1.4826;
/** Nothing is called silent sooner: a burst of messages is no rhythm to hold anyone to. */
const MIN_DEADLINE_MS = 10_000;

/** How often something comes, learnt from when it came. */
export interface Rhythm {
  /** The usual pause between two, milliseconds. */
  readonly intervalMs: number;
  /** How long a pause may become before it is silence. */
  readonly deadlineMs: number;
  /** Pauses it was learnt from. */
  readonly samples: number;
}

/**
 * What `moments`, ascending, say of the next one; undefined when they are too few. An outage in them changes little: the
 * median does not see it, and of the long pauses one in a hundred is left out.
 */
export function learnRhythm(moments: readonly number[]): Rhythm | undefined {
  const pauses = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
  if (pauses.length < MIN_PAUSES) return undefined;
  pauses.sort((a, b) => a - b);
  const intervalMs = quantile(pauses, 0.5);
  const off = pauses.map((pause) => Math.abs(pause - intervalMs)).sort((a, b) => a - b);
  const rare = pauses[Math.ceil(0.99 * pauses.length) - 2] ?? intervalMs;
  const deadlineMs = Math.max(
    PAUSES_OF_GRACE * intervalMs,
    intervalMs + MAD_FACTOR * quantile(off, 0.5),
    RARE_PAUSE_FACTOR * rare,
    MIN_DEADLINE_MS,
  );
  return { intervalMs, deadlineMs: Math.ceil(deadlineMs / 1000) * 1000, samples: pauses.length };
}
