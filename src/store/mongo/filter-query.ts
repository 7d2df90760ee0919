import type { Document } from 'mongodb';
import type { Field, Filter } from '../../core/filter.ts';
import { phrasePattern } from './phrase-pattern.ts';

const EVERYTHING: Document = {};
const NOTHING: Document = { _id: { $in: [] } };

/** A filter as MongoDB takes it. */
export interface FilterQuery {
  readonly match: Document;
  /**
   * Whether `match` is the filter. Otherwise it finds some more: what an expression (`regex`) says is for RE2 to judge,
   * on this side, because MongoDB's own expressions mean other things and can take exponential time.
   */
  readonly exact: boolean;
}

export function filterQuery(filter: Filter): FilterQuery {
  return { match: translate(filter, EVERYTHING), exact: !hasRegex(filter) };
}

function hasRegex(filter: Filter): boolean {
  switch (filter.op) {
    case 'all':
    case 'any':
      return filter.filters.some(hasRegex);
    case 'not':
      return hasRegex(filter.filter);
    default:
      return filter.op === 'regex';
  }
}

/** @param unknown what stands for an expression: everything where more may be found, nothing below a `not` */
function translate(filter: Filter, unknown: Document): Document {
  switch (filter.op) {
    case 'all':
      return combined('$and', filter.filters, unknown, EVERYTHING);
    case 'any':
      return combined('$or', filter.filters, unknown, NOTHING);
    case 'not':
      return { $nor: [translate(filter.filter, unknown === EVERYTHING ? NOTHING : EVERYTHING)] };
    case 'one_of':
      return oneOf(filter.field, filter.values);
    case 'time':
      return timeRange(filter.from, filter.to);
    case 'phrase':
      return { message: filter.text === '' ? { $type: 'string' } : { $regex: phrasePattern(filter.text) } };
    case 'regex':
      return unknown;
  }
}

function combined(operator: '$and' | '$or', filters: readonly Filter[], unknown: Document, none: Document): Document {
  const parts = filters.map((filter) => translate(filter, unknown));
  return parts.length === 0 ? none : { [operator]: parts };
}

function oneOf(field: Field, values: readonly string[]): Document {
  const [only] = values;
  const wanted = values.length === 1 && only !== undefined ? { $eq: only } : { $in: [...values] };
  const key = tagKey(field);
  if (key !== undefined) return { tags: { $elemMatch: { k: { $eq: key }, v: wanted } } };
  return { [field === 'event_id' ? '_id' : field]: wanted };
}

function timeRange(from: number | undefined, to: number | undefined): Document {
  if (from === undefined && to === undefined) return EVERYTHING;
  const bounds = {
    ...(from !== undefined && { $gte: new Date(from) }),
    ...(to !== undefined && { $lte: new Date(to) }),
  };
  return { timestamp: bounds };
}

/** The key of a tag's field; undefined when the field is none. */
export function tagKey(field: Field): string | undefined {
  return field.startsWith('tags.') ? field.slice('tags.'.length) : undefined;
}

/** A field as an expression of a pipeline: its text, or null where the event has none. */
export function fieldExpression(field: Field): unknown {
  const key = tagKey(field);
  if (key === undefined) return { $ifNull: [`$${field === 'event_id' ? '_id' : field}`, null] };
  const own = { $filter: { input: { $ifNull: ['$tags', []] }, cond: { $eq: ['$$this.k', { $literal: key }] } } };
  return { $ifNull: [{ $first: { $map: { input: own, in: '$$this.v' } } }, null] };
}
