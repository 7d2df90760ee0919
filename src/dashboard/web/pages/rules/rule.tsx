import { useState } from 'react';
import { Link, useLocation, useParams } from 'wouter';
import { addressOf } from '../../api/client.ts';
import type { Rule as RuleOf } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { useSend } from '../../api/use-send.ts';
import { useUrlState } from '../../lib/url-state.ts';
import { Button } from '../../ui/button.tsx';
import { FormError } from '../../ui/form-error.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { DecisionPanel } from '../incidents/decision-panel.tsx';
import { bodyOf, draftOf, newDraft, type RuleDraft } from './rule-draft.ts';
import { RuleForm, shownFields } from './rule-form.tsx';
import { RulePreview } from './rule-preview.tsx';

/** A rule to write or to change: `/rules/new`, `/rules/new?from_rule=<id>`, `/rules/<id>`. */
export default function Rule() {
  const { id = '' } = useParams();
  const { params } = useUrlState();
  const isNew = id === 'new';
  const { from_rule: model, ...given } = params;
  const source = isNew ? model : id;
  const { data, error, refetch } = useApi('/api/alerts/:id', {
    path: { id: source ?? '' },
    enabled: source !== undefined,
  });
  if (source === undefined) return <Editor key="new" start={newDraft(given)} />;
  if (error !== null) {
    return error.status === 404 ? (
      <EmptyState title="There is no such rule">
        It may have been deleted.{' '}
        <Link href="/rules" className="link">
          All rules
        </Link>
      </EmptyState>
    ) : (
      <ErrorState error={error} what="the rule" onRetry={() => void refetch()} />
    );
  }
  if (data === undefined) return <SkeletonRows rows={10} />;
  return isNew ? (
    <Editor key={`copy ${data.id}`} start={copyOf(data)} />
  ) : (
    <Editor key={data.id} start={draftOf(data)} rule={data} />
  );
}

function copyOf(rule: RuleOf): RuleDraft {
  return { ...draftOf(rule), name: `${rule.name} (copy)` };
}

interface EditorProps {
  readonly start: RuleDraft;
  /** The rule that is being changed; a new one is made without. */
  readonly rule?: RuleOf;
}

function Editor({ start, rule }: EditorProps) {
  const [draft, setDraft] = useState(start);
  const [, navigate] = useLocation();
  const { mutate, error, isPending } = useSend<RuleOf>({ showsErrors: true });
  const save = () => {
    const target =
      rule === undefined
        ? ({ method: 'POST', address: '/api/alerts' } as const)
        : ({ method: 'PUT', address: addressOf('/api/alerts/:id', { path: { id: rule.id } }) } as const);
    mutate(
      { ...target, body: bodyOf(draft), done: rule === undefined ? 'The rule is made' : 'Saved' },
      { onSuccess: () => navigate('/rules') },
    );
  };
  return (
    <form
      className="grid items-start gap-4 p-4 max-sm:p-3 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div>
        <RuleForm draft={draft} faults={error?.faults ?? []} onChange={setDraft} />
        <FormError error={error} fields={shownFields(draft)} />
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => navigate('/rules')}>Cancel</Button>
          <Button type="submit" kind="primary" disabled={isPending}>
            {rule === undefined ? 'Make the rule' : 'Save'}
          </Button>
        </div>
      </div>
      <div className="grid gap-4">
        <RulePreview draft={draft} />
        {rule !== undefined && <DecisionPanel route="/api/alerts/:id/decisions" id={rule.id} rule={rule} />}
      </div>
    </form>
  );
}
