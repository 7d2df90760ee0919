import type { Rule } from '../../api/routes.ts';
import { measured } from '../../lib/format.ts';

const OPERATORS = { gt: '>', gte: '≥', lt: '<', lte: '≤', eq: '=' } as const;
const METHODS = {
  zscore: 'standard deviations from its mean',
  iqr: 'interquartile ranges off',
  seasonal: 'deviations from the same hour of last week',
} as const;

/** What types of rules there are, as somebody would say it who has not read the documentation. */
export const RULE_TYPES: readonly { readonly value: Rule['type']; readonly label: string; readonly about: string }[] = [
  { value: 'log_count', label: 'Log lines', about: 'So many matching log lines within a window.' },
  { value: 'threshold', label: 'Metric threshold', about: 'A metric is above or below a value.' },
  {
    value: 'rate_change',
    label: 'Metric change',
    about: 'A metric has changed by a percentage against the window before.',
  },
  { value: 'anomaly', label: 'Metric anomaly', about: 'A metric is far from what its own history says is usual.' },
  { value: 'heartbeat', label: 'Heartbeat', about: 'A service has fallen silent, or says that it is not well.' },
  { value: 'absence', label: 'Absence', about: 'Something that should keep coming has not come for a while.' },
  { value: 'security', label: 'Security events', about: 'So many matching security events within a window.' },
];

export const typeLabel = (type: Rule['type']) => RULE_TYPES.find(({ value }) => value === type)?.label ?? type;

/** A rule's condition as a sentence. */
export function conditionOf(rule: Rule): string {
  const groups = rule.group_by === undefined ? '' : `, for each ${rule.group_by.join(' and ')}`;
  return `${sentence(rule)}${groups}`;
}

function sentence(rule: Rule): string {
  const who = rule.service ?? 'all services';
  switch (rule.type) {
    case 'log_count': {
      const { level, q, threshold, windowMinutes } = rule.condition;
      const which = level === undefined ? 'lines' : `${[level].flat().join(' or ')} lines`;
      const words = q === undefined ? '' : ` with ${q}`;
      return `${threshold} or more ${which}${words} of ${who} in ${measured(windowMinutes)} min`;
    }
    case 'threshold': {
      const { metric, operator, threshold, aggregate = 'last', duration } = rule.condition;
      const over = duration === undefined ? '' : ` over ${duration}`;
      return `${aggregate} ${metric} of ${who} ${OPERATORS[operator]} ${measured(threshold)}${over}`;
    }
    case 'rate_change': {
      const { metric, operator, threshold, duration, aggregate = 'avg' } = rule.condition;
      return `${aggregate} ${metric} of ${who} changes by ${OPERATORS[operator]} ${measured(threshold)} % within ${duration}`;
    }
    case 'anomaly': {
      const { metric, method, threshold, duration } = rule.condition;
      return `${metric} of ${who} over ${duration} is more than ${measured(threshold)} ${METHODS[method]}`;
    }
    case 'security': {
      const { event_type, severity, source_ip, threshold, duration } = rule.condition;
      const which = [severity, event_type].flatMap((words) => (words === undefined ? [] : [words].flat().join(' or ')));
      const from = source_ip === undefined ? '' : ` from ${source_ip}`;
      return `${threshold} or more ${[...which, 'security events'].join(' ')} of ${who}${from} in ${duration}`;
    }
    case 'heartbeat': {
      const { older_than, status, learn } = rule.condition;
      const says = [
        older_than !== undefined && `silent for ${older_than}`,
        learn === true && 'silent for longer than it usually is',
        status !== undefined && `says ${status}`,
      ];
      return `${who}: ${says.filter((part) => part !== false).join(', or ')}`;
    }
    case 'absence': {
      const { kind, q, metric, duration } = rule.condition;
      const what = metric ?? (q === undefined ? `${kind ?? 'log'} events` : `lines with ${q}`);
      return `no ${what} of ${who} ${duration === undefined ? 'for longer than usual' : `for ${duration}`}`;
    }
  }
}
