import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { FieldFault } from '../../api/api-error.ts';
import { addressOf } from '../../api/client.ts';
import type { Silence } from '../../api/routes.ts';
import { useSend } from '../../api/use-send.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ChoiceField, faultOf, TextField } from '../../ui/field.tsx';
import { FormError } from '../../ui/form-error.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SuggestField } from '../../ui/suggest-field.tsx';
import { bodyOf, draftOf, emptyMatcher, localText, newSilence, type SilenceDraft } from './silence-draft.ts';
import { DAYS, MATCHER_FIELDS, OPERATORS } from './wording.ts';

const HOUR_MS = 3_600_000;
const LENGTHS = [
  { label: '1 hour', ms: HOUR_MS },
  { label: '4 hours', ms: 4 * HOUR_MS },
  { label: '1 day', ms: 24 * HOUR_MS },
  { label: '1 week', ms: 168 * HOUR_MS },
];
const KINDS = [
  { value: 'once', label: 'Once' },
  { value: 'weekly', label: 'Every week' },
] as const;
const SHOWN = [
  'starts_at',
  'ends_at',
  'comment',
  'recurrence.days',
  'recurrence.start',
  'recurrence.end',
  'recurrence.time_zone',
];

interface SilenceDialogProps {
  /** The one that is being changed; a new one is made without. */
  readonly silence?: Silence;
  /** What a new one is of. */
  readonly given: Readonly<Record<string, string | undefined>>;
  readonly onClose: () => void;
}

/** A silence to make or to change: what it is of, when, and why. */
export function SilenceDialog({ silence, given, onClose }: SilenceDialogProps) {
  const [draft, setDraft] = useState(() => (silence === undefined ? newSilence(given) : draftOf(silence)));
  const { mutate, error, isPending } = useSend({ showsErrors: true });
  const set = (changes: Partial<SilenceDraft>) => setDraft({ ...draft, ...changes });
  const faults = error?.faults ?? [];
  const save = () => {
    const target =
      silence === undefined
        ? ({ method: 'POST', address: '/api/alerts/silences' } as const)
        : ({
            method: 'PUT',
            address: addressOf('/api/alerts/silences/:id', { path: { id: silence.id } }),
          } as const);
    mutate({ ...target, body: bodyOf(draft), done: 'Saved' }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title={silence === undefined ? 'New silence' : 'Change the silence'}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={isPending} onClick={save}>
            {silence === undefined ? 'Silence it' : 'Save'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <Matchers draft={draft} faults={faults} set={set} />
        <div>
          <Segmented
            label="How often"
            options={KINDS}
            value={draft.weekly ? 'weekly' : 'once'}
            onChange={(kind) => set({ weekly: kind === 'weekly', endsAt: kind === 'weekly' ? '' : draft.endsAt })}
          />
        </div>
        {draft.weekly ? (
          <Weekly draft={draft} faults={faults} set={set} />
        ) : (
          <Once draft={draft} faults={faults} set={set} />
        )}
        <TextField
          label="Why"
          value={draft.comment}
          error={faultOf(faults, 'comment')}
          onText={(comment) => set({ comment })}
        />
      </div>
      <FormError error={error} fields={[...SHOWN, ...draft.matchers.map((_, index) => `matchers.${index}.value`)]} />
    </Dialog>
  );
}

interface PartProps {
  readonly draft: SilenceDraft;
  readonly faults: readonly FieldFault[];
  readonly set: (changes: Partial<SilenceDraft>) => void;
}

function Matchers({ draft: { matchers }, faults, set }: PartProps) {
  const change = (id: number, changes: Partial<SilenceDraft['matchers'][number]>) =>
    set({ matchers: matchers.map((matcher) => (matcher.id === id ? { ...matcher, ...changes } : matcher)) });
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-xs font-medium text-ink-2">Notifications of which all of this is true</legend>
      {matchers.map(({ id, field, operator, value }, index) => {
        const fault = faultOf(faults, `matchers.${index}.value`) ?? faultOf(faults, `matchers.${index}.field`);
        return (
          <div key={id}>
            <div className="grid grid-cols-[minmax(0,1fr)_6rem_minmax(0,1.4fr)_auto] gap-1.5">
              <input
                className="input"
                aria-label="Field"
                list="silence-fields"
                value={field}
                onChange={(event) => change(id, { field: event.target.value })}
              />
              <select
                className="input"
                aria-label="Comparison"
                value={operator}
                onChange={(event) =>
                  change(id, {
                    operator: OPERATORS.find((known) => known.value === event.target.value)?.value ?? operator,
                  })
                }
              >
                {OPERATORS.map((known) => (
                  <option key={known.value} value={known.value}>
                    {known.label}
                  </option>
                ))}
              </select>
              <input
                className="input"
                aria-label="Value"
                value={value}
                aria-invalid={fault === undefined ? undefined : true}
                onChange={(event) => change(id, { value: event.target.value })}
              />
              <Button
                kind="ghost"
                icon={X}
                label="Take it out"
                disabled={matchers.length === 1}
                onClick={() => set({ matchers: matchers.filter((matcher) => matcher.id !== id) })}
              />
            </div>
            {fault !== undefined && <p className="mt-1 text-xs text-error">{fault}</p>}
          </div>
        );
      })}
      <datalist id="silence-fields">
        {MATCHER_FIELDS.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      <div>
        <Button size="small" icon={Plus} onClick={() => set({ matchers: [...matchers, emptyMatcher()] })}>
          And
        </Button>
      </div>
    </fieldset>
  );
}

function Once({ draft, faults, set }: PartProps) {
  return (
    <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
      <TextField
        label="From"
        type="datetime-local"
        hint="Empty: from now on"
        value={draft.startsAt}
        error={faultOf(faults, 'starts_at')}
        onText={(startsAt) => set({ startsAt })}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={draft.endsAt}
        error={faultOf(faults, 'ends_at')}
        onText={(endsAt) => set({ endsAt })}
      />
      <p className="col-span-full flex flex-wrap items-center gap-1.5">
        <span className="text-xs text-ink-3">For</span>
        {LENGTHS.map(({ label, ms }) => (
          <Button
            key={label}
            size="small"
            onClick={() => {
              const start = draft.startsAt === '' ? Date.now() : new Date(draft.startsAt).getTime();
              set({ endsAt: localText(start + ms) });
            }}
          >
            {label}
          </Button>
        ))}
      </p>
    </div>
  );
}

function Weekly({ draft, faults, set }: PartProps) {
  return (
    <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
      <div className="col-span-full">
        <ChoiceField
          label="It begins on"
          options={DAYS}
          value={draft.days}
          error={faultOf(faults, 'recurrence.days')}
          onText={(days) => set({ days })}
        />
      </div>
      <TextField
        label="From"
        type="time"
        value={draft.start}
        error={faultOf(faults, 'recurrence.start')}
        onText={(start) => set({ start })}
      />
      <TextField
        label="Until"
        type="time"
        hint="Not after From: on the next day"
        value={draft.end}
        error={faultOf(faults, 'recurrence.end')}
        onText={(end) => set({ end })}
      />
      <div className="col-span-full">
        <SuggestField
          label="Time zone"
          options={Intl.supportedValuesOf('timeZone')}
          value={draft.timeZone}
          error={faultOf(faults, 'recurrence.time_zone')}
          onText={(timeZone) => set({ timeZone })}
        />
      </div>
    </div>
  );
}
