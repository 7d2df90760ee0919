import type { Decision, Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { WithTimes } from '../../ui/with-times.tsx';
import { limitOf, readingOf } from './wording.ts';

const EVERY_MS = 10_000;
const MOST_SHOWN = 30;

const OUTCOMES: Readonly<Record<Decision['outcome'], readonly [Tone, string]>> = {
  paged: ['error', 'paged'],
  reopened: ['error', 'paged again'],
  updated: ['warn', 'still breached'],
  cooldown: ['info', 'cooling down'],
  quiet_period: ['info', 'quiet period'],
  silenced: ['info', 'silenced'],
  storm: ['fatal', 'storm'],
  not_breached: ['ok', 'not breached'],
  no_data: ['neutral', 'no data'],
};

interface DecisionPanelProps {
  readonly route: '/api/alerts/incidents/:id/decisions' | '/api/alerts/:id/decisions';
  /** Of the incident or the rule. */
  readonly id: string;
  readonly rule: Rule | undefined;
}

/** Why each evaluation did or did not page anyone, newest first. Equal ones in a row are one line. */
export function DecisionPanel({ route, id, rule }: DecisionPanelProps) {
  const { data, error, isPending } = useApi(route, {
    path: { id },
    query: { limit: MOST_SHOWN },
    everyMs: EVERY_MS,
  });
  return (
    <Panel title="Decisions" hint="why it did, or did not, page anyone">
      {error !== null ? (
        <ErrorState error={error} what="the decisions" />
      ) : isPending ? (
        <SkeletonRows rows={3} />
      ) : data.data.length === 0 ? (
        <EmptyState title="No decision yet">Each evaluation that could have paged leaves one.</EmptyState>
      ) : (
        <ol className="border-t border-line">
          {data.data.map((decision) => (
            <DecisionRow key={decision.id} decision={decision} rule={rule} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function DecisionRow({
  decision: { outcome, reason, at, until, count, value, threshold },
  rule,
}: {
  readonly decision: Decision;
  readonly rule: Rule | undefined;
}) {
  const [tone, word] = OUTCOMES[outcome];
  return (
    <li className="grid grid-cols-[7rem_minmax(0,1fr)_auto] gap-x-3 border-b border-line px-4 py-2 last:border-b-0 max-sm:grid-cols-[minmax(0,1fr)_auto]">
      <span>
        <Badge tone={tone}>{word}</Badge>
      </span>
      <div className="min-w-0 max-sm:order-3 max-sm:col-span-2">
        <p>
          <WithTimes text={reason} />
        </p>
        <p className="text-xs text-ink-3">
          {value !== null &&
            threshold !== null &&
            `${readingOf(value, rule)}, the limit is ${limitOf(threshold, rule)} · `}
          {plural(count, 'evaluation')}
          {count > 1 && (
            <>
              {', the last '}
              <Time at={until} as="clock" />
            </>
          )}
        </p>
      </div>
      <span className="text-end text-xs text-ink-3">
        <Time at={at} />
      </span>
    </li>
  );
}
