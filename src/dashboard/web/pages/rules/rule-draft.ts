import type { Rule } from '../../api/routes.ts';

/**
 * A rule as a form holds it: texts of the fields, by their place in the rule (`name`, `condition.threshold`). What is
 * empty is not in the rule. Fields of other types stay while one tries types out, and are left out of the rule.
 */
export type RuleDraft = Readonly<Record<string, string>> & { readonly type: Rule['type'] };

type Reader = 'text' | 'number' | 'flag' | 'words' | 'tags';

/** How each field of a condition is read, by type of rule: also which there are, in the order of the form. */
export const CONDITION_FIELDS = {
  log_count: { q: 'text', level: 'words', threshold: 'number', windowMinutes: 'number', cooldownMinutes: 'number' },
  threshold: {
    metric: 'text',
    aggregate: 'text',
    operator: 'text',
    threshold: 'number',
    duration: 'text',
    tags: 'tags',
  },
  rate_change: { metric: 'text', aggregate: 'text', operator: 'text', threshold: 'number', duration: 'text' },
  anomaly: { metric: 'text', method: 'text', threshold: 'number', duration: 'text' },
  heartbeat: { older_than: 'text', status: 'text', learn: 'flag' },
  absence: { kind: 'text', metric: 'text', q: 'text', duration: 'text', learn: 'flag' },
  security: { event_type: 'words', severity: 'words', source_ip: 'text', threshold: 'number', duration: 'text' },
} as const satisfies Readonly<Record<Rule['type'], Readonly<Record<string, Reader>>>>;

const COMMON_FIELDS = {
  name: 'text',
  service: 'text',
  severity: 'text',
  group_by: 'words',
  for: 'text',
  resolve_after: 'text',
  channels: 'words',
  webhook: 'text',
} as const satisfies Readonly<Record<string, Reader>>;

/** What a form starts with. */
const STARTS: Readonly<Record<string, string>> = {
  type: 'log_count',
  enabled: 'true',
  'condition.level': 'error,fatal',
  'condition.threshold': '10',
  'condition.windowMinutes': '5',
  'condition.cooldownMinutes': '15',
  'condition.operator': 'gt',
  'condition.duration': '5m',
  'condition.method': 'zscore',
  'condition.older_than': '2m',
};

/** A draft of the address: `/rules/new?type=log_count&service=pay&condition.q=declined`. */
export function newDraft(given: Readonly<Record<string, string | undefined>> = {}): RuleDraft {
  const set = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const draft = { ...STARTS, ...Object.fromEntries(set) };
  return { ...draft, type: typeOf(draft.type) };
}

/** The draft of a rule that there is. */
export function draftOf(rule: Rule): RuleDraft {
  const draft: Record<string, string> = { enabled: String(rule.enabled) };
  write(draft, '', COMMON_FIELDS, rule);
  write(draft, 'condition.', CONDITION_FIELDS[rule.type], rule.condition);
  return { ...draft, type: rule.type };
}

/** What the API is to be sent. */
export function bodyOf(draft: RuleDraft): Record<string, unknown> {
  return {
    type: draft.type,
    enabled: draft.enabled !== 'false',
    ...read(draft, '', COMMON_FIELDS),
    condition: read(draft, 'condition.', CONDITION_FIELDS[draft.type]),
  };
}

function typeOf(text: string | undefined): Rule['type'] {
  for (const type of Object.keys(CONDITION_FIELDS)) if (type === text && isType(type)) return type;
  return 'log_count';
}

function isType(text: string): text is Rule['type'] {
  return text in CONDITION_FIELDS;
}

type Fields = Readonly<Record<string, Reader>>;

function read(draft: RuleDraft, prefix: string, fields: Fields): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(fields)) {
    const text = draft[`${prefix}${name}`]?.trim() ?? '';
    if (text !== '') values[name] = readField(text, reader);
  }
  return values;
}

/** What cannot be read stays a text, so that the API names the field. */
function readField(text: string, reader: Reader): unknown {
  switch (reader) {
    case 'text':
      return text;
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'flag':
      return text === 'true';
    case 'words':
      return wordsOf(text);
    case 'tags':
      return Object.fromEntries(wordsOf(text).map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  }
}

export const wordsOf = (text: string): string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function write(draft: Record<string, string>, prefix: string, fields: Fields, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    const reader = fields[name];
    if (reader === undefined || value === undefined) continue;
    draft[`${prefix}${name}`] =
      reader === 'tags'
        ? Object.entries(value)
            .map(([key, word]) => `${key}=${word}`)
            .join(', ')
        : [value].flat().join(reader === 'words' ? ',' : '');
  }
}
