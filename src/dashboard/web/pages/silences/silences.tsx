import { BellOff, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import type { Silence } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useSend } from '../../api/use-send.ts';
import { whole } from '../../lib/format.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { SilenceCalendar } from './silence-calendar.tsx';
import { SilenceDialog } from './silence-dialog.tsx';
import { matchersOf, recurrenceOf, SILENCE_TONES } from './wording.ts';

const EVERY_MS = 15_000;
const SOONEST_FIRST = ['active', 'pending', 'expired'] as const;

/** What nobody is to be told of for a while. `/silences?new=1&service=pay` begins one. */
export default function Silences() {
  const { params, change } = useUrlState();
  const { data, error, refetch } = useApi('/api/alerts/silences', { query: { limit: 500 }, everyMs: EVERY_MS });
  const [editing, setEditing] = useState<Silence>();
  const [doomed, setDoomed] = useState<Silence>();
  const { mutate, isPending } = useSend();
  const { new: isNew, ...given } = params;
  const silences = data?.data.toSorted(
    (a, b) =>
      SOONEST_FIRST.indexOf(a.status) - SOONEST_FIRST.indexOf(b.status) || b.starts_at.localeCompare(a.starts_at),
  );
  const closeNew = () => change({ new: '', ...Object.fromEntries(Object.keys(given).map((name) => [name, ''])) });
  return (
    <div className="grid items-start gap-4 p-4 max-sm:p-3 xl:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)]">
      <Panel
        title="Silences"
        hint={data?.total === undefined ? undefined : whole(data.total)}
        actions={
          <Button kind="primary" icon={Plus} onClick={() => change({ new: '1' })}>
            New silence
          </Button>
        }
      >
        {error !== null ? (
          <ErrorState error={error} what="the silences" onRetry={() => void refetch()} />
        ) : silences === undefined ? (
          <SkeletonRows />
        ) : silences.length === 0 ? (
          <EmptyState icon={BellOff} title="Nothing is silenced">
            A silence mutes notifications, never incidents: for planned work, or while somebody is at it already.
          </EmptyState>
        ) : (
          <ul className="border-t border-line">
            {silences.map((silence) => (
              <Row
                key={silence.id}
                silence={silence}
                onEdit={() => setEditing(silence)}
                onDelete={() => setDoomed(silence)}
              />
            ))}
          </ul>
        )}
      </Panel>
      <SilenceCalendar silences={silences ?? []} />
      {isNew !== undefined && <SilenceDialog given={given} onClose={closeNew} />}
      {editing !== undefined && <SilenceDialog silence={editing} given={{}} onClose={() => setEditing(undefined)} />}
      {doomed !== undefined && (
        <Confirm
          title="Delete this silence?"
          action="Delete the silence"
          busy={isPending}
          onClose={() => setDoomed(undefined)}
          onConfirm={() =>
            mutate(
              {
                method: 'DELETE',
                address: addressOf('/api/alerts/silences/:id', { path: { id: doomed.id } }),
                done: 'Deleted',
              },
              { onSuccess: () => setDoomed(undefined) },
            )
          }
        >
          What it muted and is still open is told with the next evaluation.
        </Confirm>
      )}
    </div>
  );
}

interface RowProps {
  readonly silence: Silence;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Row({ silence, onEdit, onDelete }: RowProps) {
  const { matchers, status, starts_at, ends_at, recurrence, comment, created_by } = silence;
  const what = matchersOf(matchers);
  return (
    <li
      className={`grid grid-cols-[5rem_minmax(0,1fr)_auto] items-start gap-x-3 border-b border-line px-4 py-2.5 last:border-b-0 max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:px-3 ${status === 'expired' ? 'text-ink-3' : ''}`}
    >
      <span className="max-sm:col-span-2">
        <Badge tone={SILENCE_TONES[status]}>{status}</Badge>
      </span>
      <div className="min-w-0">
        <p className="font-medium">{what}</p>
        <p className="text-xs text-ink-3">
          {recurrence === null ? (
            <>
              <Time at={starts_at} />
              {' – '}
              {ends_at === null ? 'until it is deleted' : <Time at={ends_at} />}
            </>
          ) : (
            <>
              {`every week: ${recurrenceOf(recurrence)}`}
              {ends_at !== null && (
                <>
                  {', until '}
                  <Time at={ends_at} />
                </>
              )}
            </>
          )}
        </p>
        {comment !== '' && <p className="text-ink-2">{comment}</p>}
        <p className="text-xs text-ink-3">{`by ${created_by}`}</p>
      </div>
      <span className="flex gap-1">
        <Button kind="ghost" size="small" icon={Pencil} label={`Edit the silence of ${what}`} onClick={onEdit} />
        <Button kind="ghost" size="small" icon={Trash2} label={`Delete the silence of ${what}`} onClick={onDelete} />
      </span>
    </li>
  );
}
