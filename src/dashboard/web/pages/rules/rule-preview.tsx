import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { send } from '../../api/client.ts';
import type { Preview } from '../../api/routes.ts';
import { measured, plural, whole } from '../../lib/format.ts';
import { day } from '../../lib/time.ts';
import { useSettled } from '../../lib/use-settled.ts';
import { Chart, type ChartSeries } from '../../ui/chart.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { notificationOf } from '../incidents/wording.ts';
import { bodyOf, type RuleDraft } from './rule-draft.ts';

const HEIGHT = 200;
/** How long nothing must have been typed before the server is asked. */
const SETTLED_MS = 500;
const MOST_SHOWN = 20;

/** What the rule would have done in the past 14 days, on the data that is there, while it is being written. */
export function RulePreview({ draft }: { readonly draft: RuleDraft }) {
  const settled = useSettled(draft, SETTLED_MS);
  // Preview is a question, though it is asked by POST: the draft travels in the body.
  const { data, error, isPending, isFetching } = useQuery<Preview, ApiError>({
    queryKey: ['/api/alerts/preview', bodyOf(settled)],
    queryFn: () => send<Preview>('POST', '/api/alerts/preview', { rule: bodyOf(settled) }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Panel
      title="The past 14 days"
      hint={isFetching ? 'looking…' : data === undefined ? undefined : `${whole(data.evaluations)} evaluations`}
      className="xl:sticky xl:top-16"
    >
      <div className="px-4 pb-4">
        {error !== null ? (
          error.status === 400 ? (
            <EmptyState title="Not a whole rule yet">{missingOf(error)}</EmptyState>
          ) : (
            <ErrorState error={error} what="the preview" />
          )
        ) : isPending ? (
          <Skeleton className="h-[260px]" />
        ) : (
          <Drawn preview={data} draft={settled} />
        )}
      </div>
    </Panel>
  );
}

/** What is missing, by the names of the form's own fields. */
function missingOf({ faults, message }: ApiError): string {
  if (faults.length === 0) return message;
  return faults
    .map(({ field, message }) => `${field.replace(/^rule\./, '').replace(/^condition\./, '')} ${message}`)
    .join(', ');
}

function Drawn({
  preview: { incidents, pages, series },
  draft,
}: {
  readonly preview: Preview;
  readonly draft: RuleDraft;
}) {
  const times = useMemo(() => series.map(({ time }) => Date.parse(time)), [series]);
  const threshold = Number(draft['condition.threshold']);
  const isValue = draft.type !== 'anomaly' && draft.type !== 'heartbeat' && draft.type !== 'absence';
  const lines = useMemo<ChartSeries[]>(() => {
    const course = { label: 'value', colour: '--color-series-1', values: series.map(({ value }) => value) };
    if (!isValue || !Number.isFinite(threshold)) return [course];
    return [course, { label: 'threshold', colour: '--color-error', values: series.map(() => threshold) }];
  }, [series, threshold, isValue]);
  return (
    <>
      <p className="pb-2 text-base">
        It would have opened <strong className="font-medium">{plural(incidents.length, 'incident')}</strong> and sent{' '}
        <strong className={`font-medium ${pages.length > 0 ? 'text-error' : ''}`}>
          {plural(pages.length, 'page')}
        </strong>
        .
      </p>
      {times.length === 0 ? (
        <EmptyState title="Nothing to draw">There are no data of this in the past 14 days.</EmptyState>
      ) : (
        <>
          <Chart
            kind="lines"
            times={times}
            series={lines}
            height={HEIGHT}
            format={measured}
            label="The value in the past 14 days"
          />
          <PageStrip incidents={incidents} pages={pages} from={times[0] ?? 0} to={times.at(-1) ?? 1} />
        </>
      )}
      {pages.length > 0 && (
        <ol className="mt-3 border-t border-line">
          {pages
            .toReversed()
            .slice(0, MOST_SHOWN)
            .map(({ at, kind }) => (
              <li key={`${at} ${kind}`} className="flex justify-between border-b border-line py-1.5 last:border-b-0">
                <span>{notificationOf(kind)}</span>
                <span className="text-ink-3">
                  <Time at={at} />
                </span>
              </li>
            ))}
          {pages.length > MOST_SHOWN && (
            <li className="py-1.5 text-ink-3">{`and ${whole(pages.length - MOST_SHOWN)} before these`}</li>
          )}
        </ol>
      )}
    </>
  );
}

interface PageStripProps extends Pick<Preview, 'incidents' | 'pages'> {
  /** The ends of the time that is drawn, milliseconds. */
  readonly from: number;
  readonly to: number;
}

const STRIP_WIDTH = 1000;
const STRIP_HEIGHT = 26;

/** When there would have been incidents (bars), and when somebody would have been told (marks). */
function PageStrip({ incidents, pages, from, to }: PageStripProps) {
  const x = (at: number) => ((Math.min(Math.max(at, from), to) - from) / Math.max(1, to - from)) * STRIP_WIDTH;
  return (
    <figure className="mt-1">
      <svg
        role="img"
        aria-label={`${plural(incidents.length, 'incident')} and ${plural(pages.length, 'page')} in time`}
        viewBox={`0 0 ${STRIP_WIDTH} ${STRIP_HEIGHT}`}
        preserveAspectRatio="none"
        className="h-6.5 w-full rounded-sm bg-sunken"
      >
        {incidents.map(({ group, opened_at, resolved_at }) => {
          const start = x(Date.parse(opened_at));
          const end = resolved_at === null ? STRIP_WIDTH : x(Date.parse(resolved_at));
          return (
            <rect
              key={`${group} ${opened_at}`}
              x={start}
              y="10"
              width={Math.max(2, end - start)}
              height="10"
              fill="var(--color-warn)"
              fillOpacity="0.55"
            />
          );
        })}
        {pages.map(({ at, kind }) => (
          <rect
            key={`${at} ${kind}`}
            x={x(Date.parse(at)) - 1}
            y="3"
            width="2.5"
            height="20"
            fill="var(--color-error)"
          />
        ))}
      </svg>
      <figcaption className="mt-1 flex justify-between text-xs text-ink-3">
        <span>{day(from)}</span>
        <span>incidents in amber, pages in red</span>
        <span>{day(to)}</span>
      </figcaption>
    </figure>
  );
}
