import { Link } from 'wouter';
import type { Query } from '../../api/client.ts';
import { valueAt } from '../../api/point-value.ts';
import { useApi } from '../../api/use-api.ts';
import { useUnits } from '../../api/use-units.ts';
import { measured, percent, short, withUnit } from '../../lib/format.ts';
import { HEALTH_TONES, LEVEL_COLOURS, LEVEL_TEXT, LEVELS, SEVERITY_TONES } from '../../lib/tones.ts';
import { writeSearch } from '../../lib/url-state.ts';
import { Badge, Dot } from '../../ui/badge.tsx';
import { Chart, type ChartProps, type ChartSeries, seriesColour } from '../../ui/chart.tsx';
import { LEGEND_HEIGHT, Legend } from '../../ui/legend.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import type { PanelOf } from './panel-kinds.ts';

const EVERY_MS = 15_000;
const LINES = 50;

interface ViewProps {
  readonly query: Query;
  /** Pixels there are for a chart. */
  readonly height: number;
}

/** What a panel shows, asked again from time to time. */
export function PanelView({ panel, query, height }: ViewProps & { readonly panel: PanelOf }) {
  const View = VIEWS[panel.type];
  return <View query={query} height={height} />;
}

const VIEWS: Readonly<Record<PanelOf['type'], (props: ViewProps) => React.JSX.Element>> = {
  logs: Logs,
  histogram: HistogramView,
  facets: FacetsView,
  patterns: PatternsView,
  errors: Errors,
  metric: Metric,
  latest: Latest,
  security: Security,
  services: Services,
};

/** The state of an answer that is not there yet or has nothing in it; undefined when there is something to draw. */
function instead(answer: { readonly error: Error | null; readonly isPending: boolean }, isEmpty: boolean) {
  if (answer.error !== null) return <ErrorState error={answer.error} what="this panel" />;
  if (answer.isPending) return <SkeletonRows rows={3} />;
  return isEmpty ? <EmptyState title="Nothing in this time" /> : undefined;
}

function Logs({ query }: ViewProps) {
  const answer = useApi('/api/logs', {
    query: { ...query, limit: LINES, total: 'none' },
    everyMs: EVERY_MS,
    keep: true,
  });
  const lines = answer.data?.data ?? [];
  return (
    instead(answer, lines.length === 0) ?? (
      <ol>
        {lines.map(({ id, timestamp, level, service, message }) => (
          <li key={id} className="border-b border-line last:border-b-0">
            <Link href={`/logs?open=${encodeURIComponent(id)}`} className="flex gap-2.5 px-4 py-1 hover:bg-hover">
              <code className="shrink-0 text-ink-3">
                <Time at={timestamp} as="clock" />
              </code>
              <code className={`w-12 shrink-0 ${LEVEL_TEXT[level]}`}>{level}</code>
              <code className="truncate">
                <span className="text-ink-3">{service}</span> {message}
              </code>
            </Link>
          </li>
        ))}
      </ol>
    )
  );
}

/** A chart that says which colour is what: nobody points at a wall. */
function Explained({ height, ...chart }: ChartProps) {
  return (
    <>
      <Chart {...chart} height={height - LEGEND_HEIGHT} />
      <Legend series={chart.series} />
    </>
  );
}

function HistogramView({ query, height }: ViewProps) {
  const answer = useApi('/api/logs/histogram', { query, everyMs: EVERY_MS, keep: true });
  const buckets = answer.data?.data ?? [];
  const names = [...new Set(buckets.flatMap(({ counts }) => Object.keys(counts)))];
  const series = names.map((label, index) => ({
    label,
    colour: LEVELS.some((level) => level === label) ? levelColour(label) : seriesColour(index),
    values: buckets.map(({ counts }) => counts[label] ?? 0),
  }));
  return (
    instead(answer, names.length === 0) ?? (
      <Explained
        kind="bars"
        times={buckets.map(({ time }) => Date.parse(time))}
        series={series}
        height={height}
        format={short}
        label="Logs in time"
      />
    )
  );
}

function levelColour(label: string): string {
  const level = LEVELS.find((known) => known === label);
  return level === undefined ? '--color-line-strong' : LEVEL_COLOURS[level];
}

function FacetsView({ query }: ViewProps) {
  const answer = useApi('/api/logs/facets', { query, everyMs: EVERY_MS, keep: true });
  const total = Math.max(1, answer.data?.total ?? 1);
  const fields = Object.entries(answer.data?.data ?? {});
  return (
    instead(
      answer,
      fields.every(([, values]) => values.length === 0),
    ) ?? (
      <div className="grid gap-3 px-4 pb-3">
        {fields.map(([field, values]) => (
          <table key={field} className="w-full">
            <caption className="eyebrow pb-1 text-start">{field}</caption>
            <tbody>
              {values.map(({ value, count }) => (
                <tr key={value}>
                  <td className="max-w-0 truncate py-0.5 pe-3">
                    <Link
                      className="hover:underline"
                      href={`/logs${writeSearch({ ...searchOf(query), [field]: value })}`}
                    >
                      {value}
                    </Link>
                  </td>
                  <td className="w-px text-end whitespace-nowrap">{short(count)}</td>
                  <td className="w-14 text-end text-xs text-ink-3">{percent(count / total)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    )
  );
}

/** The parameters of a question that Logs takes too. */
function searchOf({ fields: _fields, limit: _limit, ...choice }: Query): Record<string, string> {
  return Object.fromEntries(Object.entries(choice).map(([name, value]) => [name, String(value ?? '')]));
}

function PatternsView({ query }: ViewProps) {
  const answer = useApi('/api/logs/patterns', { query, everyMs: 4 * EVERY_MS, keep: true });
  const patterns = answer.data?.data ?? [];
  return (
    instead(answer, patterns.length === 0) ?? (
      <table className="table">
        <tbody>
          {patterns.map(({ pattern, count, share, example }) => (
            <tr key={pattern}>
              <td className="number whitespace-nowrap">{short(count)}</td>
              <td className="number text-ink-3">{percent(share)}</td>
              <td>
                <Link className="hover:underline" href={`/logs?open=${encodeURIComponent(example.id)}`}>
                  <code>{pattern}</code>
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )
  );
}

function Errors({ query, height }: ViewProps) {
  const answer = useApi('/api/metrics/errors', { query, everyMs: EVERY_MS, keep: true });
  const points = answer.data ?? [];
  const series: ChartSeries[] = [
    { label: 'errors', colour: '--color-error', values: points.map(({ count }) => count) },
  ];
  return (
    instead(answer, points.length === 0) ?? (
      <Chart
        kind="bars"
        times={points.map(({ time }) => Date.parse(time))}
        series={series}
        height={height}
        format={short}
        label="Errors in time"
      />
    )
  );
}

function Metric({ query, height }: ViewProps) {
  const answer = useApi('/api/metrics/aggregate', { query, everyMs: EVERY_MS, keep: true });
  const groups = answer.data?.data ?? [];
  const functions = String(query.fn ?? 'avg').split(',');
  const name = String(query.name ?? '');
  const units = useUnits([name]);
  const times = [...new Set(groups.flatMap(({ points }) => points.map(({ time }) => time)))].sort();
  const series = groups.flatMap(({ group, points }, index) =>
    functions.map((fn, place) => {
      const values = new Map(points.map((point) => [point.time, valueAt(point, fn)]));
      return {
        label: [...Object.values(group).map((word) => word ?? '–'), fn].join(' · '),
        colour: seriesColour(index * functions.length + place),
        values: times.map((time) => values.get(time) ?? null),
      };
    }),
  );
  return (
    instead(answer, times.length === 0) ?? (
      <Explained
        kind="lines"
        times={times.map((time) => Date.parse(time))}
        series={series}
        height={height}
        format={(value) => withUnit(value, units.get(name))}
        label={`${name} in time`}
      />
    )
  );
}

function Latest({ query }: ViewProps) {
  const answer = useApi('/api/metrics/latest', { query: { ...query, limit: LINES }, everyMs: EVERY_MS, keep: true });
  const values = answer.data?.data ?? [];
  return (
    instead(answer, values.length === 0) ?? (
      <table className="table">
        <tbody>
          {values.map(({ name, service, host, value, timestamp }) => (
            <tr key={`${name} ${service} ${host}`}>
              <td>
                <Link className="hover:underline" href="/explore">
                  {name}
                </Link>
              </td>
              <td className="text-ink-3">{[service, host].filter((word) => word !== null).join(' · ')}</td>
              <td className="number font-medium">{measured(value)}</td>
              <td className="number text-xs text-ink-3">
                <Ago at={timestamp} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )
  );
}

function Security({ query }: ViewProps) {
  const answer = useApi('/api/security', {
    query: { ...query, limit: LINES, total: 'none' },
    everyMs: EVERY_MS,
    keep: true,
  });
  const events = answer.data?.data ?? [];
  return (
    instead(answer, events.length === 0) ?? (
      <ul>
        {events.map(({ id, timestamp, service, type, severity, source_ip }) => (
          <li key={id} className="flex items-center gap-2.5 border-b border-line px-4 py-1 last:border-b-0">
            <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>
            <Link className="min-w-0 truncate hover:underline" href={`/security${writeSearch({ type, service })}`}>
              {`${type.replaceAll('_', ' ')} · ${service}`}
            </Link>
            {source_ip !== undefined && <code className="text-ink-3">{source_ip}</code>}
            <span className="ms-auto text-xs text-ink-3">
              <Ago at={timestamp} />
            </span>
          </li>
        ))}
      </ul>
    )
  );
}

function Services({ query }: ViewProps) {
  const answer = useApi('/api/services', { query: { ...query, limit: 500 }, everyMs: EVERY_MS, keep: true });
  const services = answer.data?.data ?? [];
  return (
    instead(answer, services.length === 0) ?? (
      <ul>
        {services.map(({ service, status, last_seen }) => (
          <li key={service} className="flex items-center gap-2.5 border-b border-line px-4 py-1 last:border-b-0">
            <Dot tone={HEALTH_TONES[status]} />
            <Link className="min-w-0 truncate hover:underline" href="/services">
              {service}
            </Link>
            <span className="ms-auto text-xs text-ink-3">
              {`${status} · `}
              <Ago at={last_seen} />
            </span>
          </li>
        ))}
      </ul>
    )
  );
}
