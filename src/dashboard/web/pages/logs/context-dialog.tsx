import { useState } from 'react';
import type { StoredLog } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { inertLine } from '../../lib/inert.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { LogDetails } from './log-details.tsx';
import { LogRow } from './log-row.tsx';

const FIRST = 15;
const MORE = 50;

interface ContextDialogProps {
  readonly log: StoredLog;
  readonly onClose: () => void;
}

/** What the same service on the same host logged just before and after a line. */
export function ContextDialog({ log, onClose }: ContextDialogProps) {
  const [around, setAround] = useState(FIRST);
  const [openId, setOpenId] = useState<string>();
  const { data, error, refetch } = useApi('/api/logs/:id/context', {
    path: { id: log.id },
    query: { before: around, after: around },
    keep: true,
  });
  const where = log.host === undefined ? log.service : `${log.service} on ${log.host}`;
  const lines = data === undefined ? [] : [...data.before, data.event, ...data.after];
  return (
    <Dialog title={`Around this line of ${inertLine(where)}`} onClose={onClose} wide>
      {error !== null ? (
        <ErrorState error={error} what="the lines around it" onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <SkeletonRows rows={12} />
      ) : (
        <>
          <ol className="-mx-5 max-h-[60dvh] overflow-y-auto border-y border-line">
            {lines.map((line) => (
              <li key={line.id} className={line.id === log.id ? 'bg-accent-soft' : ''}>
                <LogRow
                  log={line}
                  active={false}
                  open={openId === line.id}
                  onToggle={(id) => setOpenId(openId === id ? undefined : id)}
                />
                {openId === line.id && <LogDetails log={line} />}
              </li>
            ))}
          </ol>
          <p className="mt-3 flex items-center gap-3 text-xs text-ink-3">
            {`${data.before.length} before, ${data.after.length} after`}
            {(data.before.length === around || data.after.length === around) && (
              <Button size="small" onClick={() => setAround(around + MORE)}>
                Show more
              </Button>
            )}
          </p>
        </>
      )}
    </Dialog>
  );
}
