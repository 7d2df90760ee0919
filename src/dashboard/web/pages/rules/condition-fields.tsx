import type { ReactNode } from 'react';
import type { AnomalyMethod, Operator, RuleAggregate } from '../../../../../schemas/rule.ts';
import type { Security } from '../../../../../schemas/security.ts';
import { LEVELS, SEVERITIES } from '../../lib/tones.ts';
import { CheckField, ChoiceField, SelectField, TextField } from '../../ui/field.tsx';
import { SuggestField } from '../../ui/suggest-field.tsx';
import type { FormProps } from './rule-form.tsx';

const AGGREGATES = choices<RuleAggregate>({
  last: 'last',
  avg: 'avg',
  min: 'min',
  max: 'max',
  sum: 'sum',
  count: 'count',
  p50: 'p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
});
const OPERATORS = choices<Operator>({
  gt: '> above',
  gte: '≥ at least',
  lt: '< below',
  lte: '≤ at most',
  eq: '= equal to',
});
const METHODS = choices<AnomalyMethod>({
  zscore: 'Standard deviations',
  iqr: 'Interquartile ranges',
  seasonal: 'Same hour of last week',
});
const SECURITY_TYPES = choices<Security['type']>({
  brute_force: 'brute_force',
  port_scan: 'port_scan',
  auth_failure: 'auth_failure',
  malware: 'malware',
  injection: 'injection',
  xss: 'xss',
  ddos: 'ddos',
  privilege_escalation: 'privilege_escalation',
  other: 'other',
});
const DURATION = 'Such as 90s, 5m, 1h or 7d';

interface ConditionFieldsProps extends FormProps {
  readonly metrics: readonly string[];
}

/** The fields of the condition that the type of the rule has. */
export function ConditionFields({ draft, field, metrics }: ConditionFieldsProps) {
  const duration = (label: string, hint = DURATION) => (
    <TextField label={label} hint={hint} {...field('condition.duration')} />
  );
  const metric = <SuggestField label="Metric" options={metrics} {...field('condition.metric')} />;
  const operator = <SelectField label="Is" options={OPERATORS} {...field('condition.operator')} />;
  const aggregate = (none: string) => (
    <SelectField
      label="Of its values, take the"
      options={[{ value: '', label: none }, ...AGGREGATES]}
      {...field('condition.aggregate')}
    />
  );
  const threshold = (label: string, hint?: string) => (
    <TextField label={label} hint={hint} inputMode="decimal" {...field('condition.threshold')} />
  );
  switch (draft.type) {
    case 'log_count':
      return (
        <>
          <Wide>
            <TextField
              label="Words in the message"
              hint={'As in a search: words, "a phrase", -not. Empty: any line.'}
              {...field('condition.q')}
            />
          </Wide>
          <Wide>
            <ChoiceField label="Of the levels" options={LEVELS} {...field('condition.level')} />
          </Wide>
          {threshold('Lines, at least')}
          <TextField label="Within (minutes)" inputMode="decimal" {...field('condition.windowMinutes')} />
          <TextField
            label="Cooldown (minutes)"
            hint="The least time between two openings"
            inputMode="decimal"
            {...field('condition.cooldownMinutes')}
          />
        </>
      );
    case 'threshold':
      return (
        <>
          <Wide>{metric}</Wide>
          {aggregate('last (newest)')}
          {operator}
          {threshold('Threshold')}
          {duration('Over')}
          <TextField label="With the tags" hint="key=value, separated by commas" {...field('condition.tags')} />
        </>
      );
    case 'rate_change':
      return (
        <>
          <Wide>{metric}</Wide>
          {aggregate('average')}
          {operator}
          {threshold('Percent', '50 is half as much again, -50 is half as much')}
          {duration('Against the window before, of')}
        </>
      );
    case 'anomaly':
      return (
        <>
          <Wide>{metric}</Wide>
          <SelectField label="Measured in" options={METHODS} {...field('condition.method')} />
          {threshold('More than', '3 is a usual start')}
          {duration('Over')}
        </>
      );
    case 'heartbeat':
      return (
        <>
          <TextField label="Silent for" hint={DURATION} {...field('condition.older_than')} />
          <SelectField
            label="Or says that it is"
            options={[{ value: '', label: '–' }, 'degraded', 'unhealthy']}
            {...field('condition.status')}
          />
          <Wide>
            <CheckField
              label="Learn how long each service is usually silent, instead of a fixed time"
              {...field('condition.learn')}
            />
          </Wide>
        </>
      );
    case 'absence':
      return (
        <>
          <SelectField
            label="Nothing of the kind"
            options={[{ value: '', label: 'log' }, 'metric', 'security', 'heartbeat', 'span']}
            {...field('condition.kind')}
          />
          <SuggestField label="Metric" hint="For metrics" options={metrics} {...field('condition.metric')} />
          <TextField label="Words in the message" hint="For logs" {...field('condition.q')} />
          {duration('For')}
          <Wide>
            <CheckField
              label="Learn how long it usually takes, instead of a fixed time"
              {...field('condition.learn')}
            />
          </Wide>
        </>
      );
    case 'security':
      return (
        <>
          <Wide>
            <ChoiceField label="Of the types (none: any)" options={SECURITY_TYPES} {...field('condition.event_type')} />
          </Wide>
          <Wide>
            <ChoiceField label="Of the severities (none: any)" options={SEVERITIES} {...field('condition.severity')} />
          </Wide>
          <TextField label="From the address" hint="IPv4 or IPv6; empty: any" {...field('condition.source_ip')} />
          {threshold('Events, at least')}
          {duration('Within')}
        </>
      );
  }
}

/** What can be chosen, and how it is called: every word that the schema has, or it does not compile. */
function choices<W extends string>(labels: Readonly<Record<W, string>>): readonly { value: string; label: string }[] {
  return Object.entries<string>(labels).map(([value, label]) => ({ value, label }));
}

function Wide({ children }: { readonly children: ReactNode }) {
  return <div className="col-span-full">{children}</div>;
}
