import { CommandFailure, EXIT } from './failure.ts';

/** The flags of `lightwatch send` that describe an event. */
interface EventFlags {
  readonly kind: string;
  readonly service?: string;
  readonly level?: string;
  readonly name?: string;
  readonly value?: number;
  readonly unit?: string;
  readonly type?: string;
  readonly severity?: string;
  readonly sourceIp?: string;
  readonly status?: string;
  readonly host?: string;
  readonly traceId?: string;
  readonly timestamp?: string;
  readonly tag: Readonly<Record<string, string>>;
}

/** What an event of each kind cannot be without. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  log: ['service', 'message'],
  metric: ['service', 'name', 'value'],
  security: ['service', 'type', 'severity'],
  heartbeat: ['service'],
};

/**
 * An event's fields from the flags. `partial`: they are only what the events from stdin share.
 * @throws CommandFailure that names every flag that is missing.
 */
export function eventFields(
  message: string | undefined,
  flags: EventFlags,
  partial: boolean,
): Readonly<Record<string, unknown>> {
  const { kind, service, level, name, value, unit, type, severity, sourceIp, status, host, traceId, timestamp, tag } =
    flags;
  const text = kind === 'security' ? { description: message } : { message };
  const usual = partial ? {} : kind === 'log' ? { level: 'info' } : kind === 'heartbeat' ? { status: 'healthy' } : {};
  const named = { ...text, service, level, name, value, unit, type, severity, status, host, timestamp };
  const given = Object.entries({ ...named, source_ip: sourceIp, trace_id: traceId }).filter(
    ([, field]) => field !== undefined,
  );
  const tags = Object.keys(tag).length > 0 ? { tags: tag } : {};
  const fields: Record<string, unknown> = { ...usual, ...Object.fromEntries(given), ...tags };
  const missing = partial ? [] : (REQUIRED[kind] ?? []).filter((field) => fields[field] === undefined);
  if (missing.length > 0) {
    const flagsMissing = missing.map((field) => (field === 'message' ? 'a message' : `--${field}`));
    throw new CommandFailure(
      `a ${kind} needs ${flagsMissing.join(', ')}; \`lightwatch send --help\` has examples`,
      EXIT.usage,
    );
  }
  return fields;
}
