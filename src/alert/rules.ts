import { randomUUID } from 'node:crypto';
import type { Rule, RuleSpec } from '../../schemas/rule.ts';
import type { Clock } from '../core/clock.ts';
import { type RuleReading, readPatch, readReplacement, readRule } from '../core/rule-body.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import { LightwatchError } from '../errors.ts';
import type { Documents } from '../store/store.ts';
import { MAX_RACES } from './incidents.ts';
import type { AddressGuard } from './notify/address-guard.ts';
import { checkRoute } from './route-rule.ts';

/** Rules there may be: each costs work on every tick. */
const MAX_RULES = 10_000;

/** The rules in the store, and what may become one. */
export class Rules {
  readonly #documents: Documents;
  readonly #clock: Clock;
  readonly #guard: AddressGuard;

  constructor(documents: Documents, clock: Clock, guard: AddressGuard) {
    this.#documents = documents;
    this.#clock = clock;
    this.#guard = guard;
  }

  /** @throws LightwatchError LW_INVALID_REQUEST, LW_INVALID_PARAMETER naming the field, LW_CONFLICT when there are too many */
  async create(body: unknown): Promise<Rule> {
    const spec = await this.#accept(readRule(body));
    const { total } = await this.#documents.list('rules', { limit: 1 });
    if (total >= MAX_RULES)
      throw new LightwatchError('LW_CONFLICT', `there are ${MAX_RULES} rules already, the most allowed`);
    const createdAt = formatTimestamp(this.#clock.now());
    const rule = { id: randomUUID(), ...spec, lastTriggeredAt: null, createdAt };
    if (!(await this.#documents.insert('rules', rule))) throw new Error(`BUG: the fresh id ${rule.id} is taken`);
    return rule;
  }

  /** What would be made of a draft, without making it. Faults are those of `create`. */
  async read(draft: unknown): Promise<RuleSpec> {
    const reading = readReplacement(draft);
    if (reading.ok) return this.#accept(reading);
    const faults = reading.faults.map(({ field, message }) => ({ field: `rule.${field}`, message }));
    return this.#accept({ ok: false, faults });
  }

  async get(id: string): Promise<Rule> {
    return (await this.#kept(id)).document;
  }

  /** A whole new rule under the same id. */
  replace(id: string, body: unknown): Promise<Rule> {
    return this.#change(id, () => readReplacement(body));
  }

  /** Some fields changed, as JSON Merge Patch says. */
  patch(id: string, body: unknown): Promise<Rule> {
    return this.#change(id, (rule) => readPatch(rule, body));
  }

  async delete(id: string): Promise<void> {
    if (!(await this.#documents.delete('rules', id))) throw notFound();
  }

  /** Services that an enabled rule names, sorted. */
  async services(): Promise<readonly string[]> {
    const { items } = await this.#documents.list('rules', { where: { enabled: true } });
    return [...new Set(items.flatMap(({ document }) => document.service ?? []))].sort();
  }

  async #change(id: string, read: (rule: Rule) => RuleReading): Promise<Rule> {
    for (let race = 0; race < MAX_RACES; race++) {
      const { document, version } = await this.#kept(id);
      const { lastTriggeredAt, createdAt } = document;
      const changed = { id, ...(await this.#accept(read(document))), lastTriggeredAt, createdAt };
      if (await this.#documents.update('rules', changed, version)) return changed;
    }
    throw new LightwatchError('LW_CONFLICT', 'the rule is being changed by others; try again');
  }

  async #kept(id: string) {
    const kept = await this.#documents.get('rules', id);
    if (kept === undefined) throw notFound();
    return kept;
  }

  async #accept(reading: RuleReading): Promise<RuleSpec> {
    if (!reading.ok) {
      const message = reading.faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ');
      throw new LightwatchError('LW_INVALID_REQUEST', message, { details: reading.faults });
    }
    const { items } = await this.#documents.list('channels');
    const channels = items.map(({ document }) => document);
    checkRoute(reading.spec, channels, this.#guard);
    return reading.spec;
  }
}

function notFound(): LightwatchError {
  return new LightwatchError('LW_NOT_FOUND', 'there is no such rule');
}
