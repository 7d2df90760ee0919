import type { Document } from 'mongodb';
import type { Filter } from '../../core/filter.ts';
import { fieldExpression } from './filter-query.ts';
import { phrasePattern } from './phrase-pattern.ts';

/** A filter as an expression of a pipeline, which is true or false of each event. It has no `regex`: see `regex-matches.ts`. */
export function filterExpression(filter: Filter): Document | boolean {
  switch (filter.op) {
    case 'all':
      return { $and: filter.filters.map(filterExpression) };
    case 'any':
      return { $or: filter.filters.map(filterExpression) };
    case 'not':
      return { $not: [filterExpression(filter.filter)] };
    case 'one_of':
      return { $in: [fieldExpression(filter.field), { $literal: filter.values }] };
    case 'time':
      return { $and: [...bound('$gte', filter.from), ...bound('$lte', filter.to)] };
    case 'phrase':
      return filter.text === ''
        ? { $eq: [{ $type: '$message' }, 'string'] }
        : { $regexMatch: { input: { $ifNull: ['$message', null] }, regex: phrasePattern(filter.text) } };
    case 'regex':
      throw new Error('BUG: the server is asked for a regular expression');
  }
}

function bound(operator: '$gte' | '$lte', at: number | undefined): readonly Document[] {
  return at === undefined ? [] : [{ [operator]: ['$timestamp', new Date(at)] }];
}
