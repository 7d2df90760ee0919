import type { Kind } from '../../schemas/event.ts';
import { INCIDENT_EVENTS, INCIDENT_STATES } from '../../schemas/incident.ts';
import type { AlertMessage } from '../../schemas/live.ts';
import type { EventOf } from '../core/event.ts';
import { eventFilter } from '../core/event-filter.ts';
import { FilterError } from '../core/filter-error.ts';
import { matcher } from '../core/matcher.ts';

export type Params = Readonly<Record<string, string | undefined>>;

/** What a client wants to see. */
export interface LiveFilter<I> {
  /** Equal for filters that mean the same: their clients share one evaluation. */
  readonly key: string;
  /** Undefined when everything matches. */
  readonly matches: ((item: I) => boolean) | undefined;
}

/** @throws FilterError for a parameter that is unknown to the kind, and for a value that makes no sense */
export function liveEventFilter(kind: Kind, params: Params, now: number): LiveFilter<EventOf> {
  const filter = eventFilter(kind, inOrder(params), now);
  const everything = filter.op === 'all' && filter.filters.length === 0;
  return { key: JSON.stringify(filter), matches: everything ? undefined : matcher(filter) };
}

/** @throws FilterError as `liveEventFilter` */
export function liveAlertFilter(params: Params): LiveFilter<AlertMessage> {
  const tests: ((message: AlertMessage) => boolean)[] = [];
  for (const [name, text] of Object.entries(params)) {
    if (text !== undefined) tests.push(alertTest(name, text));
  }
  const matches = (message: AlertMessage) => tests.every((test) => test(message));
  return { key: JSON.stringify(inOrder(params)), matches: tests.length === 0 ? undefined : matches };
}

function alertTest(name: string, text: string): (message: AlertMessage) => boolean {
  switch (name) {
    case 'service':
      return ({ incident }) => incident.service === text;
    case 'rule':
      return ({ incident }) => incident.ruleId === text;
    case 'status': {
      const states = someOf(name, text, INCIDENT_STATES);
      return ({ incident }) => states.includes(incident.status);
    }
    case 'type': {
      const types = someOf(name, text, INCIDENT_EVENTS);
      return ({ type }) => types.includes(type);
    }
    default:
      throw new FilterError(name, 'is not a parameter here');
  }
}

function someOf(name: string, text: string, allowed: readonly string[]): readonly string[] {
  const words = text.split(',');
  if (!words.every((word) => allowed.includes(word))) {
    throw new FilterError(name, `must be one of ${allowed.join(', ')}`);
  }
  return words;
}

function inOrder(params: Params): Params {
  return Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}
