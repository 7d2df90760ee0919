import type { EventOf, StoredEvent } from './event.ts';
import type { Field, Filter } from './filter.ts';
import { regexTest } from './regex.ts';
import { phraseTest } from './words.ts';

/** Whether an event matches. It runs for every event while a live tail is open: the filter is taken apart only once. */
export type Matcher = (event: EventOf | StoredEvent) => boolean;

/** From how many values on a set beats a walk over the list. */
const SET_FROM = 5;

/**
 * What a filter means, in memory.
 * @throws FilterError for a regular expression that is none
 */
export function matcher(filter: Filter): Matcher {
  switch (filter.op) {
    case 'all':
      return allOf(filter.filters.map(matcher));
    case 'any':
      return anyOf(filter.filters.map(matcher));
    case 'not': {
      const inner = matcher(filter.filter);
      return (event) => !inner(event);
    }
    case 'one_of':
      return oneOf(filter.field, filter.values);
    case 'time': {
      const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = filter;
      return (event) => event.timestamp >= from && event.timestamp <= to;
    }
    case 'phrase':
      return onMessage(phraseTest(filter.text));
    case 'regex':
      return onMessage(regexTest(filter.pattern));
  }
}

/** An event without a message (any but a log) has no words and no match. */
function onMessage(test: (message: string) => boolean): Matcher {
  return (event) => 'message' in event && test(event.message);
}

function allOf(inner: readonly Matcher[]): Matcher {
  const [first, second] = inner;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (inner.length === 2) return (event) => first(event) && second(event);
  return (event) => inner.every((matches) => matches(event));
}

function anyOf(inner: readonly Matcher[]): Matcher {
  return inner.length === 1 && inner[0] !== undefined ? inner[0] : (event) => inner.some((matches) => matches(event));
}

function oneOf(field: Field, values: readonly string[]): Matcher {
  const read = fieldReader(field);
  const [only] = values;
  if (only !== undefined && values.length === 1) return (event) => read(event) === only;
  if (values.length < SET_FROM) {
    return (event) => {
      const value = read(event);
      return value !== undefined && values.includes(value);
    };
  }
  const set = new Set(values);
  return (event) => {
    const value = read(event);
    return value !== undefined && set.has(value);
  };
}

/** Reads one word of an event; undefined where the event has none. */
export function fieldReader(field: Field): (event: EventOf | StoredEvent) => string | undefined {
  if (field.startsWith('tags.')) {
    const key = field.slice('tags.'.length);
    return ({ tags }) => (tags !== undefined && Object.hasOwn(tags, key) ? tags[key] : undefined);
  }
  return (event) => {
    const fields: Readonly<Record<string, unknown>> = event;
    const value = fields[field];
    return typeof value === 'string' ? value : undefined;
  };
}
