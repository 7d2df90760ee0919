import { LIMITS } from '../../schemas/limits.ts';
import type { Field } from '../core/filter.ts';
import { FilterError } from '../core/filter-error.ts';

/** A field that a parameter names: one of `allowed`, or any tag. @throws FilterError naming `parameter` */
export function readField<F extends Field>(
  text: string,
  allowed: readonly F[],
  parameter: string,
): F | `tags.${string}` {
  if (text.startsWith('tags.') && text.length <= 'tags.'.length + LIMITS.tagKey)
    return `tags.${text.slice('tags.'.length)}`;
  const field = allowed.find((name) => name === text);
  if (field === undefined) throw new FilterError(parameter, `must be ${allowed.join(', ')} or tags.<key>`);
  return field;
}

/** Some of them, separated by commas, each once. @throws FilterError naming `parameter` */
export function readFields<F extends Field>(
  text: string,
  allowed: readonly F[],
  parameter: string,
  most: number,
): readonly (F | `tags.${string}`)[] {
  const words = text.split(',');
  if (words.length > most) throw new FilterError(parameter, `must have at most ${most} fields`);
  return [...new Set(words.map((word) => readField(word, allowed, parameter)))];
}
