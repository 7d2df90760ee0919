import { basename } from 'node:path';
import { LIMITS } from '../../schemas/limits.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { parseLine } from './line-parser.ts';
import type { FileRecord } from './offsets.ts';
import type { FileLine } from './split-lines.ts';

/** Who the agent speaks for. */
export interface Origin {
  /** `--service`: given, it names all events of the agent. */
  readonly service: string | undefined;
  readonly host: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A line of a file as one line of NDJSON for `POST /ingest/batch`. The same line always has the same `event_id`. */
export function logEvent(line: FileLine, file: FileRecord, origin: Origin, now: number): string {
  const parsed = parseLine(line.text, now);
  const { file: ownFile, ...meta } = parsed.meta;
  const event = JSON.stringify({
    kind: 'log',
    event_id: `${file.key}-${line.offset.toString(36)}`,
    timestamp: formatTimestamp(parsed.timestamp ?? now),
    service: origin.service ?? parsed.service ?? serviceOfFile(file.path),
    host: origin.host,
    level: parsed.level,
    message: parsed.message,
    trace_id: parsed.trace_id,
    span_id: parsed.span_id,
    tags: someTags(origin.tags),
    meta: {
      ...meta,
      ...(ownFile !== undefined && { line_file: ownFile }),
      file: file.path,
      ...(line.continues && { continues: true }),
    },
  });
  return wellFormed(event);
}

/** Tags, unless there are none: an event carries no empty object. */
export function someTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  return Object.keys(tags).length > 0 ? tags : undefined;
}

/** `/var/log/nginx/access.log.1` is `access`; `app-2026-01-15.log` is `app`. */
function serviceOfFile(path: string): string {
  const name = basename(path)
    .replace(/(\.\d{1,4}|[-._]\d{4}-?\d\d-?\d\d([-T_]?\d{2,6})?)+$/, '')
    .replace(/\.(log|txt|json|jsonl|ndjson|out|err)$/i, '')
    .replace(/([-._]\d{4}-?\d\d-?\d\d([-T_]?\d{2,6})?)+$/, '');
  return (name || basename(path)).slice(0, LIMITS.service);
}

/** JSON.stringify leaves half a surrogate pair as an escape; no UTF-8 text can hold one, so it becomes U+FFFD. */
function wellFormed(json: string): string {
  if (!/\\ud[89a-f]/.test(json)) return json;
  return json.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === '\\\\' ? found : '\ufffd'));
}
