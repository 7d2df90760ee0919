import { Pencil, Plus, Send, Trash2, Webhook } from 'lucide-react';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import type { Channel } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useSend } from '../../api/use-send.ts';
import { whole } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { toast } from '../../ui/toast.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { DeliveryPanel } from '../incidents/delivery-panel.tsx';
import { ChannelDialog } from './channel-dialog.tsx';

const EVERY_MS = 15_000;

interface TestReply {
  readonly status: 'delivered' | 'failed';
  readonly response_status: number | null;
  readonly error: string | null;
}

/** How people are reached, and what was sent to them. */
export default function Channels() {
  const { data, error, refetch } = useApi('/api/alerts/channels', { query: { limit: 500 }, everyMs: EVERY_MS });
  const [editing, setEditing] = useState<Channel | 'new'>();
  const [doomed, setDoomed] = useState<Channel>();
  const { mutate, isPending } = useSend();
  return (
    <div className="grid items-start gap-4 p-4 max-sm:p-3 xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
      <Panel
        title="Channels"
        hint={data?.total === undefined ? undefined : whole(data.total)}
        actions={
          <Button kind="primary" icon={Plus} onClick={() => setEditing('new')}>
            New channel
          </Button>
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the channels" onRetry={() => void refetch()} />
        ) : data === undefined ? (
          <SkeletonRows />
        ) : data.data.length === 0 ? (
          <EmptyState icon={Webhook} title="Nobody can be reached yet">
            A channel is a webhook, Slack, Discord, PagerDuty or an email address. A rule that names none tells all that
            are enabled.
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {data.data.map((channel) => (
              <Row
                key={channel.id}
                channel={channel}
                onEdit={() => setEditing(channel)}
                onDelete={() => setDoomed(channel)}
              />
            ))}
          </ul>
        )}
      </Panel>
      <DeliveryPanel query={{}} linked />
      {editing !== undefined && (
        <ChannelDialog {...(editing !== 'new' && { channel: editing })} onClose={() => setEditing(undefined)} />
      )}
      {doomed !== undefined && (
        <Confirm
          title={`Delete ${doomed.name}?`}
          action="Delete the channel"
          busy={isPending}
          onClose={() => setDoomed(undefined)}
          onConfirm={() =>
            mutate(
              {
                method: 'DELETE',
                address: addressOf('/api/alerts/channels/:id', { path: { id: doomed.id } }),
                done: 'Deleted',
              },
              { onSuccess: () => setDoomed(undefined) },
            )
          }
        >
          Rules that name it tell nobody through it any more.
        </Confirm>
      )}
    </div>
  );
}

interface RowProps {
  readonly channel: Channel;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Row({ channel, onEdit, onDelete }: RowProps) {
  const { id, name, type, enabled, problem } = channel;
  const change = useSend();
  const test = useSend<TestReply>();
  const address = addressOf('/api/alerts/channels/:id', { path: { id } });
  const sendTest = () =>
    test.mutate(
      { method: 'POST', address: `${address}/test` },
      {
        onSuccess: ({ status, response_status, error }) => {
          const answered = response_status === null ? '' : ` (answered ${response_status})`;
          if (status === 'delivered') toast(`The test reached ${name}${answered}`);
          else toast(`The test did not reach ${name}${answered}: ${error ?? 'no reason was given'}`, 'error');
        },
      },
    );
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line px-4 py-2.5 last:border-b-0 max-sm:px-3">
      <Toggle
        label={`${name}: ${enabled ? 'on' : 'off'}`}
        on={enabled}
        disabled={change.isPending}
        onChange={(on) =>
          change.mutate({ method: 'PATCH', address, body: { enabled: on }, done: `${name} is ${on ? 'on' : 'off'}` })
        }
      />
      <div className="min-w-0">
        <p className="flex items-center gap-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          <Badge>{type}</Badge>
        </p>
        <p className="truncate text-xs text-ink-3">{whereTo(channel)}</p>
        {problem !== null && <p className="text-xs text-error">{problem}</p>}
      </div>
      <span className="flex items-center gap-1">
        <Button size="small" icon={Send} disabled={test.isPending} onClick={sendTest}>
          {test.isPending ? 'Sending…' : 'Test'}
        </Button>
        <Button kind="ghost" size="small" icon={Pencil} label={`Edit ${name}`} onClick={onEdit} />
        <Button kind="ghost" size="small" icon={Trash2} label={`Delete ${name}`} onClick={onDelete} />
      </span>
    </li>
  );
}

function whereTo(channel: Channel): string {
  switch (channel.type) {
    case 'email':
      return [channel.to].flat().join(', ');
    case 'pagerduty':
      return 'Events API v2';
    default:
      return channel.target;
  }
}
