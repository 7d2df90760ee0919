import { setImmediate } from 'node:timers/promises';
import type { Preview } from '../../../schemas/preview.ts';
import type { Rule, RuleSpec } from '../../../schemas/rule.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Reading, Track } from '../../core/incident.ts';
import { formatTimestamp } from '../../core/timestamp.ts';
import type { Store } from '../../store/store.ts';
import { evaluateRule } from '../evaluate.ts';
import type { Window } from '../event-data.ts';
import type { Place } from '../incidents.ts';
import type { Routes } from '../route.ts';
import { observe, opens, stepTrack, type TrackStep } from '../track-step.ts';
import { loadSeries } from './load-series.ts';
import { needsOf } from './needs.ts';
import { SeriesLine } from './series-line.ts';
import { isWorse } from './worse.ts';

/** Evaluations of one preview: two weeks of every 30 s are 40,320. Of a longer past every second, or third, one is left out. */
const MAX_EVALUATIONS = 50_000;
/** Buckets that a series may have: where a window would need finer ones, it is rounded to whole steps. */
const MAX_BUCKETS = 500_000;
/** Evaluations between two looks at what else there is to do. */
const TURN = 100;
/** Incidents and pages that are answered one by one; a rule with more is a bad one anyway. */
const MAX_INCIDENTS = 1000;

export interface PreviewParts {
  readonly store: Store;
  readonly routes: Routes;
  /** How often the engine would have evaluated the rule. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/**
 * Does with a rule what the engine would have done between two moments: at the end of each interval, with the same
 * evaluation, the same states of incidents and the same routes. Rejects when what it needs is too much, or cannot be read.
 */
export async function preview(spec: RuleSpec, range: Window, parts: PreviewParts): Promise<Preview> {
  const { store, routes, intervalMs, signal } = parts;
  const needs = needsOf(spec);
  const stepMs = Math.ceil((range.to - range.from) / intervalMs / MAX_EVALUATIONS) * intervalMs || intervalMs;
  const { bucketMs, exact } = bucketsFor(needs.windowsMs, stepMs, range.to - range.from + needs.backMs);
  // The last millisecond of each step: so a window of whole buckets ends with the bucket.
  const first = Math.ceil((range.from + 1) / stepMs) * stepMs - 1;
  const from = Math.floor((first - needs.backMs) / bucketMs) * bucketMs;
  const { data, groupsCut } = await loadSeries({
    store,
    rule: spec,
    needs,
    window: { from, to: range.to },
    bucketMs,
    signal,
  });

  const rule: Rule = { ...spec, id: 'preview', lastTriggeredAt: null, createdAt: formatTimestamp(range.from) };
  const replay = new Replay(rule, routes);
  let evaluations = 0;
  for (let now = first; now <= range.to; now += stepMs) {
    replay.step(await evaluateRule(rule, data, now), now);
    evaluations += 1;
    if (evaluations % TURN === 0) await setImmediate();
    signal.throwIfAborted();
  }
  return {
    from: formatTimestamp(range.from),
    to: formatTimestamp(range.to),
    step: formatDuration(stepMs),
    exact,
    groups_cut: groupsCut,
    evaluations,
    ...replay.result(),
  };
}

/** Keeps the incidents of one rule in memory, as the engine keeps them in the store. */
class Replay {
  readonly #rule: Rule;
  readonly #routes: Routes;
  readonly #tracks = new Map<string, { place: Place; track: Track; incident?: number | undefined }>();
  readonly #incidents: Preview['incidents'] = [];
  readonly #pages: Preview['pages'] = [];
  readonly #silenced: Preview['silenced'] = [];
  readonly #line: SeriesLine;

  constructor(rule: Rule, routes: Routes) {
    this.#rule = rule;
    this.#routes = routes;
    this.#line = new SeriesLine(rule);
  }

  step(readings: readonly Reading[], now: number): void {
    const places = [...this.#tracks.values()].filter(({ track }) => isGoingOn(track)).map(({ place }) => place);
    const { found } = observe(this.#rule, readings, places);
    for (const [id, reading] of found) {
      const kept = this.#tracks.get(id);
      if (!reading.breached && (kept === undefined || !isGoingOn(kept.track))) continue;
      const step = stepTrack(kept?.track ?? {}, this.#rule, reading, this.#routes, now);
      const incident = this.#note(kept?.incident, step, reading, now);
      const { service, group } = reading;
      this.#tracks.set(id, { place: { id, ruleId: this.#rule.id, service, group }, track: step.track, incident });
    }
    this.#line.add(readings, now);
  }

  result(): Pick<Preview, 'incidents' | 'pages' | 'silenced' | 'series'> {
    return {
      incidents: this.#incidents.slice(0, MAX_INCIDENTS),
      pages: this.#pages.slice(0, MAX_INCIDENTS),
      silenced: this.#silenced.slice(0, MAX_INCIDENTS),
      series: this.#line.points(),
    };
  }

  /** Writes down what a step has come to; answers which incident the track is at. */
  #note(before: number | undefined, step: TrackStep, reading: Reading, now: number): number | undefined {
    const at = formatTimestamp(now);
    const { service, group, value } = reading;
    let index = before;
    if (opens(step.tells)) {
      index = this.#incidents.push({ service, group, opened_at: at, resolved_at: null, peak: value }) - 1;
    }
    const incident = index === undefined ? undefined : this.#incidents[index];
    if (index === undefined || incident === undefined) return index;
    if (step.tells === 'resolved') incident.resolved_at = at;
    if (step.outcome === 'updated' && isWorse(this.#rule, value, incident.peak)) incident.peak = value;
    const { verdict } = step;
    if (verdict === undefined) return index;
    const page = { at, kind: step.tells === 'reopened' ? 'error_alert_reopened' : 'error_alert', incident: index };
    if (verdict.outcome !== 'silenced') this.#pages.push(page);
    else if (opens(step.tells)) this.#silenced.push({ ...page, silence_id: verdict.silenceId });
    return index;
  }
}

/** Whether the engine would have it among what is going on: an active incident, or a breach that waits for its `for`. */
function isGoingOn({ incident, breachedSince }: Track): boolean {
  return breachedSince !== undefined || (incident !== undefined && incident.status !== 'resolved');
}

/** The widest buckets that all windows and steps are made of; windows are rounded when those would be too many. */
function bucketsFor(windowsMs: readonly number[], stepMs: number, spanMs: number) {
  const bucketMs = windowsMs.reduce((width, windowMs) => divisor(width, Math.round(windowMs)), stepMs);
  return spanMs / bucketMs > MAX_BUCKETS ? { bucketMs: stepMs, exact: false } : { bucketMs, exact: true };
}

/** The greatest common one; 0 is a multiple of everything. */
function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
