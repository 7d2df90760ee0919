import { useMemo } from 'react';
import type { StoredSecurity } from '../../api/routes.ts';
import { plural, short } from '../../lib/format.ts';
import { SEVERITIES, SEVERITY_COLOURS } from '../../lib/tones.ts';
import { endsOf, type Range } from '../../shell/range.ts';
import { Chart } from '../../ui/chart.tsx';

const HEIGHT = 130;
const BARS = 80;

interface SecurityTimelineProps {
  readonly events: readonly StoredSecurity[];
  readonly range: Range;
  readonly onRange: (from: number, to: number) => void;
}

/** The events in time, by severity. */
export function SecurityTimeline({ events, range, onRange }: SecurityTimelineProps) {
  const { times, series } = useMemo(() => {
    const { from, to } = endsOf(range);
    const step = Math.max(1, Math.ceil((to - from) / BARS));
    const counts = SEVERITIES.map(() => Array.from({ length: BARS }, () => 0));
    for (const { timestamp, severity } of events) {
      const bar = Math.min(BARS - 1, Math.max(0, Math.floor((Date.parse(timestamp) - from) / step)));
      const row = counts[SEVERITIES.indexOf(severity)];
      if (row !== undefined) row[bar] = (row[bar] ?? 0) + 1;
    }
    return {
      times: Array.from({ length: BARS }, (_, bar) => from + bar * step),
      series: SEVERITIES.map((severity, index) => ({
        label: severity,
        colour: SEVERITY_COLOURS[severity],
        values: counts[index] ?? [],
      })),
    };
  }, [events, range]);
  return (
    <Chart
      kind="bars"
      times={times}
      series={series}
      height={HEIGHT}
      format={short}
      onRange={onRange}
      label={`${plural(events.length, 'security event')} in time, by severity`}
    />
  );
}
