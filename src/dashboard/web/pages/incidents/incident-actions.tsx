import { BellOff, Check, CircleCheck, MessageSquarePlus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { addressOf } from '../../api/client.ts';
import type { Incident, Rule } from '../../api/routes.ts';
import { useSend } from '../../api/use-send.ts';
import { writeSearch } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { NoteDialog } from './note-dialog.tsx';

interface IncidentActionsProps {
  readonly incident: Incident;
  /** Undefined while it is not known, and when it is gone. */
  readonly rule: Rule | undefined;
  readonly knowsRule: boolean;
}

/** What a person can do about an incident, in the order in which it is usually done. */
export function IncidentActions({ incident: { id, status, service, ruleId }, rule, knowsRule }: IncidentActionsProps) {
  const { mutate, isPending } = useSend();
  const [, navigate] = useLocation();
  const [noting, setNoting] = useState(false);
  const change = (what: 'acknowledge' | 'resolve', done: string) =>
    mutate({ method: 'POST', address: addressOf(`/api/alerts/incidents/:id/${what}`, { path: { id } }), done });
  const silence = writeSearch({
    new: '1',
    rule: rule?.name ?? ruleId,
    ...(service !== '*' && { service }),
  });
  return (
    <div className="flex flex-wrap gap-2 max-sm:grid max-sm:w-full max-sm:grid-cols-2">
      <Button icon={MessageSquarePlus} onClick={() => setNoting(true)}>
        Note
      </Button>
      {status !== 'resolved' && (
        <>
          <Button icon={BellOff} disabled={!knowsRule} onClick={() => navigate(`/silences${silence}`)}>
            Silence
          </Button>
          <Button
            icon={CircleCheck}
            kind={status === 'acknowledged' ? 'primary' : 'plain'}
            disabled={isPending}
            onClick={() => change('resolve', 'Resolved')}
          >
            Resolve
          </Button>
        </>
      )}
      {status === 'open' && (
        <Button
          icon={Check}
          kind="primary"
          disabled={isPending}
          onClick={() => change('acknowledge', 'Acknowledged: others see that you have it')}
        >
          Acknowledge
        </Button>
      )}
      {noting && <NoteDialog id={id} onClose={() => setNoting(false)} />}
    </div>
  );
}
