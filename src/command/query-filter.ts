/** Flags that choose events, as the commands that read have them. */
export interface FilterFlags {
  readonly service?: string;
  readonly level?: string;
  readonly minLevel?: string;
  readonly host?: string;
  readonly q?: string;
  readonly regex?: string;
  readonly traceId?: string;
  readonly tag: Readonly<Record<string, string>>;
}

/** The query parameters of the filters that were given. */
export function filterOf(flags: FilterFlags): Readonly<Record<string, string>> {
  const { service, level, minLevel, host, q, regex, traceId, tag } = flags;
  const named = { service, level, min_level: minLevel, host, q, regex, trace_id: traceId };
  const given = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries([...given, ...Object.entries(tag).map(([key, value]) => [`tags.${key}`, value] as const)]);
}
