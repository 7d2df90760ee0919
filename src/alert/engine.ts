import type { FastifyBaseLogger } from 'fastify';
import type { Rule } from '../../schemas/rule.ts';
import type { Clock } from '../core/clock.ts';
import {
  advance,
  ENGINE,
  eventOf,
  incidentId,
  type Outcome,
  type Reading,
  resolve,
  type Subject,
} from '../core/incident.ts';
import { rulePolicy, ruleWindowMs } from '../core/rule.ts';
import { formatTimestamp } from '../core/timestamp.ts';
import type { Store } from '../store/store.ts';
import { type Evaluation, evaluateRules, sampleLogs } from './evaluate.ts';
import { expireAlerts } from './expire.ts';
import { inParallel } from './in-parallel.ts';
import { type Incidents, MAX_RACES, trackOf } from './incidents.ts';
import { causeOf } from './notification.ts';
import type { Outbox } from './notify/outbox.ts';
import { targetsOf } from './route-rule.ts';
import { Snapshot } from './snapshot.ts';

/** Time between two looks for what has been kept long enough. */
const EXPIRE_EVERY_MS = 60 * 60_000;
/** Rules whose incidents are written at once; the store commits what comes together in one go. */
const MAX_RULES_AT_ONCE = 16;
/** Failing rules that the statistics name. */
const MAX_NAMED_FAILURES = 10;

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
  /** Told of every evaluation of every rule: why it did or did not page. */
  readonly onDecision?: (decision: Decision) => void;
}

/** What one evaluation of a rule for one service and group came to. */
export interface Decision {
  readonly at: number;
  readonly ruleId: string;
  readonly incidentId: string;
  readonly reading: Reading;
  readonly outcome: Outcome;
}

/** Looks at all enabled rules from time to time and keeps their incidents. It remembers nothing that is not in the store. */
export class AlertEngine {
  readonly #parts: EngineParts;
  #running: Promise<void> | undefined;
  #expireAt = 0;
  #failures: ReadonlyMap<string, string> = new Map();
  #figures = { ticks: 0, skipped: 0, failedTicks: 0, expired: 0, rules: 0, breaches: 0, lastTickMs: 0, lastTickAt: 0 };

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Evaluates every enabled rule for this moment. One tick at a time: a call during a tick is counted and does nothing. */
  async tick(): Promise<void> {
    const { isLeader = () => true, outbox } = this.#parts;
    if (this.#running !== undefined) {
      this.#figures.skipped += 1;
      return;
    }
    this.#running = isLeader() ? this.#measured() : outbox.stop();
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
      failures: Object.fromEntries([...this.#failures].slice(0, MAX_NAMED_FAILURES)),
      outbox: this.#parts.outbox.stats(),
    };
  }

  /** Resolves when the tick under way, if there is one, has ended. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
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
    const { store, incidents, outbox } = this.#parts;
    // First what an earlier run may have left: a crash between a transition and its notification is mended here.
    await outbox.catchUp();
    await incidents.handOverAll();
    const { items } = await store.documents.list('rules', { where: { enabled: true } });
    const rules = items.map(({ document }) => document);
    const snapshot = await Snapshot.take(store.documents);
    const evaluations = await evaluateRules(rules, store, now);
    const failures = new Map<string, string>();
    let breaches = 0;
    await inParallel(rules, MAX_RULES_AT_ONCE, async (rule) => {
      try {
        const found = await this.#settle(rule, evaluations.get(rule.id), snapshot, now);
        breaches += found;
      } catch (error) {
        failures.set(rule.id, error instanceof Error ? error.message : String(error));
        this.#parts.log.warn({ err: error, rule: rule.id }, 'a rule could not be evaluated');
      }
    });
    await this.#endOrphans(new Set(rules.map(({ id }) => id)), snapshot, now);
    await this.#expire(now);
    this.#failures = failures;
    Object.assign(this.#figures, { rules: rules.length, breaches });
  }

  /** Brings the incidents of one rule to what it found. Resolves to the number of breaches. */
  async #settle(rule: Rule, evaluation: Evaluation | undefined, snapshot: Snapshot, now: number): Promise<number> {
    if (evaluation === undefined) throw new Error(`BUG: nobody evaluated the rule ${rule.id}`);
    if ('error' in evaluation) throw evaluation.error;
    const found = new Map(
      evaluation.readings.map((reading) => [incidentId(reading.service, rule.id, reading.group), reading]),
    );
    // Whatever the rule has kept of services it found nothing of any more: nothing is no breach.
    for (const { id, service, group } of snapshot.ofRule(rule.id)) {
      if (!found.has(id)) found.set(id, { service, group, breached: false, value: null, count: 0 });
    }
    for (const [id, reading] of found) {
      if (reading.breached || snapshot.has(id)) await this.#apply(rule, id, reading, snapshot, now);
      else this.#decide(rule, id, reading, reading.value === null ? 'no_data' : 'not_breached', now);
    }
    return [...found.values()].filter(({ breached }) => breached).length;
  }

  async #apply(rule: Rule, id: string, reading: Reading, snapshot: Snapshot, now: number): Promise<void> {
    const { incidents, store } = this.#parts;
    const subject: Subject = {
      ruleId: rule.id,
      windowMs: ruleWindowMs(rule),
      policy: rulePolicy(rule),
      cause: causeOf(rule, targetsOf(rule)),
    };
    const place = { id, ruleId: rule.id, service: reading.service, group: reading.group };
    for (let race = 0; race < MAX_RACES; race++) {
      const kept = (race === 0 ? snapshot.active(place) : undefined) ?? (await incidents.load(place));
      const track = trackOf(kept);
      const step = advance(track, subject, reading, now);
      const event = eventOf(step.outcome);
      const samples = event === 'opened' || event === 'reopened' ? await sampleLogs(rule, store, now) : [];
      if (step.track !== track && !(await incidents.save(kept, step.track, event, samples))) continue;
      if (event === 'opened' || event === 'reopened') await this.#markTriggered(rule.id, now);
      this.#decide(rule, id, reading, step.outcome, now);
      return;
    }
    throw new Error(`the incident ${id} is being changed by others`);
  }

  /** Incidents whose rule was deleted or switched off will never hear from it again. */
  async #endOrphans(evaluated: ReadonlySet<string>, snapshot: Snapshot, now: number): Promise<void> {
    const { incidents, store, log } = this.#parts;
    for (const { id, ruleId } of snapshot.all()) {
      if (evaluated.has(ruleId)) continue;
      try {
        // It may have been switched on since the rules were read.
        const rule = await store.documents.get('rules', ruleId);
        if (rule?.document.enabled) continue;
        const note = rule === undefined ? 'its rule was deleted' : 'its rule was switched off';
        await store.documents.delete('pending_breaches', id);
        if (!snapshot.isActive(id)) continue;
        await incidents.change(id, (incident) =>
          incident.status === 'resolved'
            ? undefined
            : { incident: resolve(incident, ENGINE, now, note), event: 'resolved' },
        );
      } catch (error) {
        log.warn({ err: error, incident: id }, 'an incident without a rule could not be resolved');
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

  /** For those who look at the rule; who loses the race against its owner's change leaves it. */
  async #markTriggered(ruleId: string, now: number): Promise<void> {
    const { documents } = this.#parts.store;
    const kept = await documents.get('rules', ruleId);
    if (kept === undefined) return;
    await documents.update('rules', { ...kept.document, lastTriggeredAt: formatTimestamp(now) }, kept.version);
  }

  #decide(rule: Rule, id: string, reading: Reading, outcome: Outcome, at: number): void {
    this.#parts.onDecision?.({ at, ruleId: rule.id, incidentId: id, reading, outcome });
  }
}
