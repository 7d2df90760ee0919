import type { FieldFault } from '../../api/api-error.ts';
import type { Channel, Rule } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { ChoiceField, faultOf, SelectField, TextField } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import { SuggestField } from '../../ui/suggest-field.tsx';
import { ConditionFields } from './condition-fields.tsx';
import { CONDITION_FIELDS, type RuleDraft } from './rule-draft.ts';
import { RULE_TYPES } from './wording.ts';

/** Ties one field of the draft to its control. */
type Bind = (name: string) => {
  readonly value: string;
  readonly error?: string | undefined;
  readonly onText: (text: string) => void;
};

export interface FormProps {
  readonly draft: RuleDraft;
  readonly field: Bind;
}

interface RuleFormProps {
  readonly draft: RuleDraft;
  readonly faults: readonly FieldFault[];
  readonly onChange: (draft: RuleDraft) => void;
}

const SEVERITIES = [
  { value: '', label: 'as the server decides' },
  { value: 'info', label: 'info' },
  { value: 'warning', label: 'warning' },
  { value: 'critical', label: 'critical' },
];

/** Fields of the form that show their own faults: everything else is told below it. */
export function shownFields(draft: RuleDraft): readonly string[] {
  const own = Object.keys(CONDITION_FIELDS[draft.type]).map((name) => `condition.${name}`);
  return [...own, 'name', 'service', 'severity', 'group_by', 'for', 'resolve_after', 'webhook', 'channels'];
}

/** A rule to write: what to watch, when it counts, and who is told. */
export function RuleForm({ draft, faults, onChange }: RuleFormProps) {
  const services = useApi('/api/services', { query: { limit: 500 } });
  const sources = useApi('/api/metrics/sources');
  const metrics = useApi('/api/metrics/names', { query: { service: draft.service } });
  const channels = useApi('/api/alerts/channels', { query: { limit: 500 } });
  const field: Bind = (name) => ({
    value: draft[name] ?? '',
    error: faultOf(faults, name),
    onText: (text) => onChange({ ...draft, [name]: text }),
  });
  const known = [
    ...new Set([...(services.data?.data.map(({ service }) => service) ?? []), ...(sources.data?.data ?? [])]),
  ];
  return (
    <div className="grid gap-4">
      <Panel title="What to watch">
        <div className="grid grid-cols-3 gap-3 px-4 pb-4 max-sm:grid-cols-1">
          <div className="col-span-full">
            <TypeChoice value={draft.type} onChange={(type) => onChange({ ...draft, type })} />
          </div>
          <div className="col-span-full">
            <SuggestField
              label="Service"
              hint="Empty: all services together"
              options={known.toSorted()}
              {...field('service')}
            />
          </div>
          <ConditionFields draft={draft} field={field} metrics={metrics.data?.data ?? []} />
        </div>
      </Panel>
      <Panel title="When it counts">
        <div className="grid grid-cols-3 gap-3 px-4 pb-4 max-sm:grid-cols-1">
          <TextField label="Only when it lasts for" hint="Empty: at once" {...field('for')} />
          <TextField label="Over when clear for" hint="Empty: as long as its window" {...field('resolve_after')} />
          <TextField
            label="An incident for each"
            hint="Fields such as service, host, tags.region"
            {...field('group_by')}
          />
        </div>
      </Panel>
      <Panel title="Who is told">
        <div className="grid grid-cols-2 gap-3 px-4 pb-4 max-sm:grid-cols-1">
          <TextField
            label="Name"
            hint="What the notification is called; empty: made from the condition"
            {...field('name')}
          />
          <SelectField label="Severity" options={SEVERITIES} {...field('severity')} />
          <div className="col-span-full">
            <ChannelChoice channels={channels.data?.data ?? []} {...field('channels')} />
          </div>
          <div className="col-span-full">
            <TextField label="And this URL" hint="A webhook of this rule alone" inputMode="url" {...field('webhook')} />
          </div>
        </div>
      </Panel>
    </div>
  );
}

function TypeChoice({
  value,
  onChange,
}: {
  readonly value: Rule['type'];
  readonly onChange: (type: Rule['type']) => void;
}) {
  const about = RULE_TYPES.find((type) => type.value === value)?.about;
  return (
    <fieldset>
      <legend className="mb-1 text-xs font-medium text-ink-2">Type</legend>
      <div className="flex flex-wrap gap-1.5">
        {RULE_TYPES.map((type) => (
          <label key={type.value} className="chip">
            <input
              type="radio"
              name="type"
              className="sr-only"
              checked={type.value === value}
              onChange={() => onChange(type.value)}
            />
            {type.label}
          </label>
        ))}
      </div>
      <p className="mt-1.5 text-xs text-ink-3">{about}</p>
    </fieldset>
  );
}

interface ChannelChoiceProps {
  readonly channels: readonly Channel[];
  readonly value: string;
  readonly error?: string | undefined;
  readonly onText: (text: string) => void;
}

function ChannelChoice({ channels, value, error, onText }: ChannelChoiceProps) {
  if (channels.length === 0) {
    return (
      <p className="text-ink-2">
        There is no channel yet.{' '}
        <a className="link" href="/channels">
          Add one
        </a>
        , or name a URL below.
      </p>
    );
  }
  return (
    <ChoiceField
      label="Channels"
      hint="None: all that are enabled"
      options={channels.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      error={error}
      onText={onText}
    />
  );
}
