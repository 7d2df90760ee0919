import { Link } from 'wouter';
import type { Query } from '../../api/client.ts';
import type { Delivery } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { plural } from '../../lib/format.ts';
import { Badge, type Tone } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { notificationOf } from './wording.ts';

const EVERY_MS = 5_000;
const MOST_SHOWN = 30;

const TONES: Readonly<Record<Delivery['status'], Tone>> = {
  pending: 'neutral',
  delivered: 'ok',
  failed: 'warn',
  given_up: 'error',
};
const WORDS: Readonly<Record<Delivery['status'], string>> = {
  pending: 'waiting',
  delivered: 'delivered',
  failed: 'trying again',
  given_up: 'given up',
};

interface DeliveryPanelProps {
  readonly query: Query;
  /** Whether each leads to its incident: where they are of several. */
  readonly linked?: boolean;
}

/** What was sent to whom, and how that went, newest first. */
export function DeliveryPanel({ query, linked = false }: DeliveryPanelProps) {
  const { data, error, isPending } = useApi('/api/alerts/deliveries', {
    query: { ...query, limit: MOST_SHOWN },
    everyMs: EVERY_MS,
  });
  const channels = useApi('/api/alerts/channels', { query: { limit: 500 } });
  const names = new Map(channels.data?.data.map(({ id, name }) => [id, name]));
  return (
    <Panel title="Deliveries" hint="newest first">
      {error !== null ? (
        <ErrorState error={error} what="the deliveries" />
      ) : isPending || channels.isPending ? (
        <SkeletonRows rows={3} />
      ) : data.data.length === 0 ? (
        <EmptyState title="Nobody was told">The decisions say why.</EmptyState>
      ) : (
        <ul className="border-t border-line">
          {data.data.map((delivery) => (
            <DeliveryRow
              key={delivery.id}
              delivery={delivery}
              linked={linked}
              channel={
                delivery.channel_id === null
                  ? "the rule's webhook"
                  : (names.get(delivery.channel_id) ?? 'a channel that is gone')
              }
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface DeliveryRowProps {
  readonly delivery: Delivery;
  readonly channel: string;
  readonly linked: boolean;
}

function DeliveryRow({ delivery, channel, linked }: DeliveryRowProps) {
  const { kind, incident_id, status, attempts, last_status, last_error, next_attempt_at, created_at } = delivery;
  return (
    <li className="border-b border-line px-4 py-2 last:border-b-0">
      <p className="flex items-center gap-2">
        <Badge tone={TONES[status]}>{WORDS[status]}</Badge>
        <span className="min-w-0 truncate">{channel}</span>
        <span className="ms-auto text-xs text-ink-3">
          <Ago at={created_at} />
        </span>
      </p>
      <p className="mt-0.5 text-xs text-ink-3">
        {[notificationOf(kind), plural(attempts, 'try', 'tries'), last_status !== null && `answered ${last_status}`]
          .filter((part) => part !== false)
          .join(' · ')}
        {linked && incident_id !== null && (
          <>
            {' · '}
            <Link className="link" href={`/incidents/${encodeURIComponent(incident_id)}`}>
              its incident
            </Link>
          </>
        )}
        {status === 'failed' && next_attempt_at !== null && (
          <>
            {' · next at '}
            <Time at={next_attempt_at} as="clock" />
          </>
        )}
      </p>
      {last_error !== null && status !== 'delivered' && <p className="text-xs text-error">{last_error}</p>}
    </li>
  );
}
