import type { ChartPoint, LogSample } from '../../schemas/delivery.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Reading } from '../core/incident.ts';
import type { Store } from '../store/store.ts';
import { chartOf } from './chart.ts';
import { sampleLogs } from './samples.ts';

/** What a notification shows besides the numbers. */
export interface Evidence {
  readonly samples: readonly LogSample[];
  readonly chart: readonly ChartPoint[];
}

export const NO_EVIDENCE: Evidence = { samples: [], chart: [] };

/** What a rule looked at when it found something, at `now`. What cannot be read is left out: it must not hold up a page. */
export async function evidenceOf(rule: Rule, reading: Reading, store: Store, now: number): Promise<Evidence> {
  const [samples, chart] = await Promise.allSettled([
    sampleLogs(rule, reading, store, now),
    chartOf(rule, reading, store, now),
  ]);
  return {
    samples: samples.status === 'fulfilled' ? samples.value : [],
    chart: chart.status === 'fulfilled' ? chart.value : [],
  };
}
