import type { AnomalyMethod } from '../../schemas/rule.ts';
import { quantile } from './quantile.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Windows before the present one that say what is usual. */
const HISTORY_WINDOWS = 60;
/** With fewer windows that have data nothing is usual yet, and nothing unusual. */
export const MIN_HISTORY = 12;
/** `seasonal` looks at one hour, in steps of at most this: a longer window would leave too few of them. */
const MAX_SEASONAL_STEP_MS = 5 * 60_000;
/** The least of those steps that must have data: one in two of a sender that speaks every ten minutes. */
export const MIN_SEASONAL_HISTORY = 5;
/**
 * The least spread that is believed, as a share of the level. A flat line has none at all: the last digit of a rounded
 * figure would be infinitely far off.
 */
const MIN_SPREAD_SHARE = 0.01;

/** Where the history of a window lies: both ends included, in whole steps since the epoch. */
export interface History {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** Steps that must have data. */
  readonly atLeast: number;
}

/** How far a value is from what is usual. */
export interface Deviation {
  /** In spreads, never negative. */
  readonly score: number;
  readonly usual: number;
  /** A standard deviation, or the interquartile range. */
  readonly spread: number;
}

/** The past that the window of `durationMs` before `now` is held against. */
export function historyOf(method: AnomalyMethod, durationMs: number, now: number): History {
  if (method === 'seasonal') {
    const stepMs = Math.min(durationMs, MAX_SEASONAL_STEP_MS);
    const from = Math.floor((now - WEEK_MS - HOUR_MS / 2) / stepMs) * stepMs;
    return { from, to: from + Math.ceil(HOUR_MS / stepMs) * stepMs - 1, stepMs, atLeast: MIN_SEASONAL_HISTORY };
  }
  const end = Math.floor((now - durationMs + 1) / durationMs) * durationMs;
  return { from: end - HISTORY_WINDOWS * durationMs, to: end - 1, stepMs: durationMs, atLeast: MIN_HISTORY };
}

/** `history` must not be empty. A flat line is at no distance from itself. */
export function deviation(method: AnomalyMethod, value: number, history: readonly number[]): Deviation {
  const { usual, low, high, spread } = method === 'iqr' ? quartiles(history) : normal(history);
  const believed = Math.max(spread, MIN_SPREAD_SHARE * Math.max(Math.abs(usual), Math.abs(value)));
  const distance = Math.max(0, low - value, value - high);
  return { score: distance === 0 ? 0 : distance / believed, usual, spread: believed };
}

function normal(history: readonly number[]) {
  const usual = history.reduce((sum, value) => sum + value, 0) / history.length;
  const variance = history.reduce((sum, value) => sum + (value - usual) ** 2, 0) / history.length;
  return { usual, low: usual, high: usual, spread: Math.sqrt(variance) };
}

function quartiles(history: readonly number[]) {
  const sorted = history.toSorted((a, b) => a - b);
  const [low, usual, high] = [quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)];
  return { usual, low, high, spread: high - low };
}
