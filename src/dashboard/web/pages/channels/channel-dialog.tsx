import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import type { Channel } from '../../api/routes.ts';
import { useSend } from '../../api/use-send.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { faultOf, SelectField, TextField } from '../../ui/field.tsx';
import { FormError } from '../../ui/form-error.tsx';

type Type = Channel['type'];
type Values = Readonly<Record<string, string>>;

interface Entry {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly isSecret?: boolean;
}

const NAME: Entry = { name: 'name', label: 'Name', hint: 'By which rules name it; empty: made from the type' };
const TYPES: readonly { readonly value: Type; readonly label: string; readonly entries: readonly Entry[] }[] = [
  {
    value: 'webhook',
    label: 'Webhook',
    entries: [
      {
        name: 'target',
        label: 'URL',
        hint: 'Gets JSON by POST. An address inside the network must be in WEBHOOK_ALLOW.',
      },
      {
        name: 'secret',
        label: 'Secret',
        hint: 'Signs what is sent, as Standard Webhooks says; may be empty',
        isSecret: true,
      },
    ],
  },
  { value: 'slack', label: 'Slack', entries: [{ name: 'target', label: 'Incoming webhook URL', isSecret: true }] },
  { value: 'discord', label: 'Discord', entries: [{ name: 'target', label: 'Webhook URL', isSecret: true }] },
  {
    value: 'pagerduty',
    label: 'PagerDuty',
    entries: [
      { name: 'routing_key', label: 'Integration key', hint: 'Of an Events API v2 integration', isSecret: true },
    ],
  },
  {
    value: 'email',
    label: 'Email',
    entries: [{ name: 'to', label: 'To', hint: 'One address or several, separated by commas. Needs SMTP_URL.' }],
  },
];

interface ChannelDialogProps {
  /** The one that is being changed; a new one is made without. */
  readonly channel?: Channel;
  readonly onClose: () => void;
}

/** A channel to add or to change. What is secret is never shown again: left empty it stays as it is. */
export function ChannelDialog({ channel, onClose }: ChannelDialogProps) {
  const [type, setType] = useState<Type>(channel?.type ?? 'webhook');
  const [values, setValues] = useState<Values>(() => startOf(channel));
  const { mutate, error, isPending } = useSend({ showsErrors: true });
  const entries = [...(TYPES.find(({ value }) => value === type)?.entries ?? []), NAME];
  const save = () => {
    const body = { ...(channel === undefined && { type }), ...given(entries, values) };
    const target =
      channel === undefined
        ? ({ method: 'POST', address: '/api/alerts/channels', done: 'The channel is added' } as const)
        : ({
            method: 'PATCH',
            address: addressOf('/api/alerts/channels/:id', { path: { id: channel.id } }),
            done: 'Saved',
          } as const);
    mutate({ ...target, body }, { onSuccess: onClose });
  };
  return (
    <Dialog
      title={channel === undefined ? 'New channel' : `Change ${channel.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={isPending} onClick={save}>
            {channel === undefined ? 'Add the channel' : 'Save'}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <SelectField
          label="Type"
          options={TYPES}
          value={type}
          disabled={channel !== undefined}
          onText={(text) => setType(TYPES.find(({ value }) => value === text)?.value ?? type)}
        />
        {entries.map(({ name, label, hint, isSecret = false }) => (
          <TextField
            key={`${type} ${name}`}
            label={label}
            hint={isSecret && channel !== undefined ? 'Not shown; empty: as it is' : hint}
            value={values[name] ?? ''}
            autoComplete="off"
            spellCheck={false}
            error={faultOf(error?.faults ?? [], name)}
            onText={(text) => setValues({ ...values, [name]: text })}
          />
        ))}
      </div>
      <FormError error={error} fields={entries.map(({ name }) => name)} />
    </Dialog>
  );
}

function startOf(channel: Channel | undefined): Values {
  if (channel === undefined) return {};
  const isSecret = new Set(
    TYPES.find(({ value }) => value === channel.type)?.entries.flatMap((entry) => (entry.isSecret ? [entry.name] : [])),
  );
  return Object.fromEntries(
    Object.entries(channel).flatMap(([name, value]) => (isSecret.has(name) ? [] : [[name, [value].flat().join(', ')]])),
  );
}

function given(entries: readonly Entry[], values: Values): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { name } of entries) {
    const text = values[name]?.trim() ?? '';
    if (text === '') continue;
    body[name] = name === 'to' ? text.split(',').map((address) => address.trim()) : text;
  }
  return body;
}
