/**
 * A schema for readers: unions of constants become enums, which tools and people know better, and what only our own
 * messages use (`expects`) goes. Nothing is changed in place.
 */
export function asEnum<T>(schema: T): T {
  return rewrite(schema) as T;
}

function rewrite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewrite);
  if (typeof value !== 'object' || value === null) return value;
  const { anyOf, expects: _expects, ...rest } = value as Record<string, unknown>;
  const words = Array.isArray(anyOf) ? anyOf.map(constant) : [];
  const own = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, rewrite(inner)]));
  if (words.length > 0 && words.every((word) => word !== undefined))
    return { type: typeof words[0], enum: words, ...own };
  return anyOf === undefined ? own : { anyOf: rewrite(anyOf), ...own };
}

function constant(schema: unknown): unknown {
  return typeof schema === 'object' && schema !== null && 'const' in schema ? schema.const : undefined;
}
