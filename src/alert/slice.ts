import type { RuleSpec } from '../../schemas/rule.ts';
import type { Field, Filter } from '../core/filter.ts';
import { all, equals } from '../core/filter.ts';
import { groupFields, kindOf } from '../core/group.ts';
import type { Reading } from '../core/incident.ts';
import { parseSearch } from '../core/search.ts';
import type { Slice, Window } from './event-data.ts';

/** The events a rule looks at, whenever they happened. */
export function sliceOf(rule: RuleSpec): Slice {
  const kind = kindOf(rule);
  const service: Slice['only'] = rule.service === undefined ? {} : { service: [rule.service] };
  switch (rule.type) {
    case 'threshold': {
      const tags = Object.entries(rule.condition.tags ?? {}).map(([key, value]) => [`tags.${key}`, [value]]);
      return { kind, only: { ...service, name: [rule.condition.metric], ...Object.fromEntries(tags) } };
    }
    case 'rate_change':
    case 'anomaly':
      return { kind, only: { ...service, name: [rule.condition.metric] } };
    case 'log_count': {
      const { level, q } = rule.condition;
      return { kind, only: { ...service, ...some('level', level) }, ...searched(q) };
    }
    case 'security': {
      const { event_type: type, severity, source_ip: ip } = rule.condition;
      return {
        kind,
        only: { ...service, ...some('type', type), ...some('severity', severity), ...some('source_ip', ip) },
      };
    }
    case 'absence': {
      const { metric, q } = rule.condition;
      return { kind, only: { ...service, ...some('name', metric) }, ...searched(q) };
    }
    case 'heartbeat':
      return { kind, only: service };
  }
}

/** What a reading found, within the slice of its rule: the filter of its group. */
export function groupFilters(rule: RuleSpec, { fields = {} }: Reading): readonly Filter[] {
  return groupFields(rule).flatMap((field) => {
    const value = fields[field];
    return value === undefined ? [] : [equals(field, value)];
  });
}

/** The last `ms` up to `now`. */
export function lookBack(ms: number, now: number): Window {
  return { from: now - ms + 1, to: now };
}

/** The filter that a slice and a window are. */
export function sliceFilter({ only, search }: Slice, window?: Window): Filter {
  return all(
    ...(window === undefined ? [] : [{ op: 'time', from: window.from, to: window.to } as const]),
    ...onlyFilters(only),
    ...(search === undefined ? [] : [search]),
  );
}

/** One filter for each field that is held to some values. */
export function onlyFilters(only: Slice['only']): readonly Filter[] {
  return fieldsOf(only).map((field) => ({ op: 'one_of', field, values: only[field] ?? [] }));
}

/** The fields that a slice holds to some values, in alphabetical order: equal slices look equal. */
export function fieldsOf(only: Slice['only']): readonly Field[] {
  return (Object.keys(only) as Field[]).sort();
}

function some(field: Field, values: string | readonly string[] | undefined): Slice['only'] {
  return values === undefined ? {} : { [field]: [values].flat() };
}

function searched(q: string | undefined): Pick<Slice, 'search'> {
  return q === undefined ? {} : { search: parseSearch(q) };
}
