import type { FastifyBaseLogger } from 'fastify';
import type { Rule } from '../../schemas/rule.ts';
import type { Clock } from '../core/clock.ts';
import type { Reading } from '../core/incident.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import type { DecisionLog } from './decision-log.ts';
import { type Evaluation, evaluateRules } from './evaluate.ts';
import { expireAlerts } from './expire.ts';
import { inParallel } from './in-parallel.ts';
import type { Incidents } from './incidents.ts';
import { Memory } from './memory.ts';
import type { Outbox } from './notify/outbox.ts';
import type { ReadRoutes } from './route.ts';
import { routesOf } from './router.ts';
import { type Moment, Settler } from './settler.ts';
import { Snapshot } from './snapshot.ts';
import { StoreData } from './store-data.ts';

/** Time between two looks for what has been kept long enough. */
const EXPIRE_EVERY_MS = 60 * 60_000;
/** Rules whose incidents are written at once; the store commits what comes together in one go, and so the cheaper. */
const MAX_RULES_AT_ONCE = 64;
/** Rules in trouble that the statistics name. */
const MAX_NAMED = 10;

interface EngineParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  readonly incidents: Incidents;
  readonly outbox: Outbox;
  /** How long resolved incidents and settled deliveries are kept. */
  readonly retentionMs: number;
  /** Whether this replica is the one that evaluates and sends, asked before each tick. */
  readonly isLeader?: () => boolean;
  /** What is to be done before a tick. */
  readonly prepare?: () => Promise<void>;
  /** Who is told of what opens: the URL a rule carries when this is not given. */
  readonly readRoutes?: ReadRoutes;
  readonly decisions: Pick<DecisionLog, 'load' | 'record' | 'flush' | 'forget'>;
}

/** Looks at all enabled rules from time to time and keeps their incidents. It remembers nothing that is not in the store. */
export class AlertEngine {
  readonly #parts: EngineParts;
  readonly #settler: Settler;
  readonly #memory = new Memory();
  #running: Promise<void> | undefined;
  #expireAt = 0;
  #failures: ReadonlyMap<string, string> = new Map();
  /** Groups that were too many, by rule. */
  #cut: ReadonlyMap<string, number> = new Map();
  #figures = { ticks: 0, skipped: 0, failedTicks: 0, expired: 0, rules: 0, breaches: 0, lastTickMs: 0, lastTickAt: 0 };

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const { store, incidents, decisions, outbox } = parts;
    this.#settler = new Settler({
      store,
      incidents,
      onDecision: (decided) => decisions.record(decided),
      isGrouped: (deliveryId) => outbox.isGrouped(deliveryId),
    });
  }

  /** Evaluates every enabled rule for this moment. One tick at a time: a call during a tick is counted and does nothing. */
  async tick(): Promise<void> {
    const { isLeader = () => true } = this.#parts;
    if (this.#running !== undefined) {
      this.#figures.skipped += 1;
      return;
    }
    this.#running = isLeader() ? this.#measured() : this.#standBy();
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  stats() {
    const { lastTickAt, ...figures } = this.#figures;
    return {
      leader: this.#parts.isLeader?.() ?? true,
      ...figures,
      lastTickAt: lastTickAt === 0 ? null : formatTimestamp(lastTickAt),
      failing: this.#failures.size,
      failures: named(this.#failures),
      groupsCut: named(this.#cut),
      outbox: this.#parts.outbox.stats(),
    };
  }

  /** Resolves when the tick under way, if there is one, has ended. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** Whoever leads now knows better: what is remembered here is the past. */
  async #standBy(): Promise<void> {
    this.#parts.decisions.forget();
    await this.#parts.outbox.stop();
  }

  async #measured(): Promise<void> {
    const { clock, log } = this.#parts;
    const now = clock.now();
    try {
      await this.#tick(now);
    } catch (error) {
      this.#figures.failedTicks += 1;
      log.error({ err: error }, 'the rules could not be evaluated');
    }
    this.#figures.ticks += 1;
    this.#figures.lastTickAt = now;
    this.#figures.lastTickMs = clock.now() - now;
  }

  async #tick(now: number): Promise<void> {
    const { store, incidents, outbox, decisions, prepare, readRoutes = async () => routesOf([], []) } = this.#parts;
    await prepare?.();
    // First what an earlier run may have left: a crash between a transition and its notification is mended here.
    await outbox.catchUp();
    await incidents.handOverAll();
    await decisions.load();
    const { items } = await store.documents.list('rules', { where: { enabled: true } });
    const rules = items.map(({ document }) => document);
    const moment: Moment = { now, snapshot: await Snapshot.take(store.documents), routes: await readRoutes() };
    const evaluations = await evaluateRules(rules, new StoreData(store, this.#memory), now);
    const failures = new Map<string, string>();
    const cut = new Map<string, number>();
    let breaches = 0;
    await inParallel(rules, MAX_RULES_AT_ONCE, async (rule) => {
      try {
        const settled = await this.#settler.settle(rule, readingsOf(rule, evaluations), moment);
        breaches += settled.breaches;
        if (settled.groupsCut > 0) cut.set(rule.id, settled.groupsCut);
      } catch (error) {
        failures.set(rule.id, error instanceof Error ? error.message : String(error));
        this.#parts.log.warn({ err: error, rule: rule.id }, 'a rule could not be evaluated');
      }
    });
    const ids = new Set(rules.map(({ id }) => id));
    await this.#endOrphans(ids, moment);
    await decisions.flush(ids, now);
    await this.#expire(now);
    this.#failures = failures;
    this.#cut = cut;
    Object.assign(this.#figures, { rules: rules.length, breaches });
  }

  /** Incidents whose rule was deleted or switched off will never hear from it again. */
  async #endOrphans(evaluated: ReadonlySet<string>, moment: Moment): Promise<void> {
    for (const { id, ruleId } of moment.snapshot.all()) {
      if (evaluated.has(ruleId)) continue;
      try {
        await this.#settler.endOrphan(id, ruleId, moment);
      } catch (error) {
        this.#parts.log.warn({ err: error, incident: id }, 'an incident without a rule could not be resolved');
      }
    }
  }

  async #expire(now: number): Promise<void> {
    if (now < this.#expireAt) return;
    const { store, retentionMs } = this.#parts;
    const expired = await expireAlerts(store.documents, now - retentionMs);
    this.#figures.expired += expired;
    this.#expireAt = now + EXPIRE_EVERY_MS;
  }
}

/** @throws what kept the rule from being evaluated */
function readingsOf(rule: Rule, evaluations: ReadonlyMap<string, Evaluation>): readonly Reading[] {
  const evaluation = evaluations.get(rule.id);
  if (evaluation === undefined) throw new Error(`BUG: nobody evaluated the rule ${rule.id}`);
  if ('error' in evaluation) throw evaluation.error;
  return evaluation.readings;
}

function named<T>(byRule: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...byRule].slice(0, MAX_NAMED));
}
