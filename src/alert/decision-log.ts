import type { FastifyBaseLogger } from 'fastify';
import type { Decision, StoredDecision } from '../../schemas/decision.ts';
import { type Decided, decisionOutcome, decisionReason, heldAgainst } from '../core/decision.ts';
import { stableId } from '../core/fingerprint.ts';
import { formatTimestamp, parseTimestamp } from '../core/timestamp.ts';
import type { Documents, Versioned } from '../store/store.ts';
import { inParallel } from './in-parallel.ts';

/** Rules and groups whose decisions are held in memory; of the others the next one begins anew. */
const MAX_SUBJECTS = 20_000;
/** An outcome that comes back within this time is counted in its earlier decision: what flaps must not fill the store. */
const RESUME_MS = 60 * 60_000;
/** How far a stored decision may lag behind what has been counted in it. */
const LAG_MS = 10 * 60_000;
/** Decisions of which nothing is new but their count, written in one turn. */
const MAX_LAGGING = 50;
/** Writes at a time; the store commits what comes together in one go. */
const MAX_WRITES = 16;

/** An evaluation with what it is known by. */
export interface DecidedOn extends Decided {
  readonly ruleId: string;
  /** Null for all groups of a rule together. */
  readonly incidentId: string | null;
  readonly silenceId: string | null;
  readonly deliveryIds: readonly string[];
}

/** One decision, while further evaluations may be counted in it. */
interface Run {
  decision: StoredDecision;
  isStored: boolean;
  /** Of the stored document, where it is known. */
  version?: number | undefined;
  isWritten: boolean;
  writtenAt: number;
  /** Whether something happened in it: nothing is counted in that but the silence that goes on. */
  readonly isTransition: boolean;
}

/**
 * Why every evaluation did or did not page. Evaluations of a rule and group that come to the same, one after the other,
 * are one decision. What happened is stored at the end of its tick, and so is what no longer goes on; that nothing
 * happens is stored in its time: a thousand rules must not write a thousand documents at each tick.
 */
export class DecisionLog {
  readonly #documents: Documents;
  readonly #log: Pick<FastifyBaseLogger, 'warn'>;
  /** By rule and group, the one that was decided on last at the end; the last of its runs is the one that goes on. */
  readonly #subjects = new Map<string, Run[]>();
  /** No longer in `#subjects`, and not stored yet as they ended. */
  #ended: Run[] = [];
  #isLoaded = false;

  constructor(documents: Documents, log: Pick<FastifyBaseLogger, 'warn'>) {
    this.#documents = documents;
    this.#log = log;
  }

  /** Takes up what was going on when the engine last ran. To be called before the first decision, may be called again. */
  async load(): Promise<void> {
    if (this.#isLoaded) return;
    const { items } = await this.#documents.list('decisions', { where: { status: 'current' } });
    for (const kept of items) this.#add(subjectOf(kept.document), storedRun(kept));
    this.#isLoaded = true;
  }

  /** Forgets all that is in memory: somebody else decides from here on. */
  forget(): void {
    this.#subjects.clear();
    this.#ended = [];
    this.#isLoaded = false;
  }

  record(decided: DecidedOn): void {
    const decision = decisionOf(decided);
    const subject = subjectOf(decision);
    const runs = this.#subjects.get(subject) ?? [];
    const isTransition = decided.deliveryIds.length > 0 || ['opened', 'reopened', 'resolved'].includes(decided.outcome);
    const earlier = isTransition ? undefined : runs.findLast((run) => goesOn(run, decision, run === runs.at(-1)));
    if (earlier === undefined) {
      if (isTransition) this.#end(runs.splice(0));
      this.#add(subject, { decision, isStored: false, isWritten: false, writtenAt: 0, isTransition });
      return;
    }
    const { id, at, count } = earlier.decision;
    earlier.decision = { ...decision, id, at, count: count + 1, delivery_ids: earlier.decision.delivery_ids };
    earlier.isWritten = false;
    runs.splice(runs.indexOf(earlier), 1);
    this.#add(subject, earlier);
  }

  /** Stores what is to be stored after a tick; what fails is tried again after the next. `rules` are those there are. */
  async flush(rules: ReadonlySet<string>, now: number): Promise<void> {
    this.#endAllBut(rules);
    const due = [...this.#ended, ...this.#due(now)];
    this.#ended = [];
    let failure: unknown;
    await inParallel(due, MAX_WRITES, async (run) => {
      try {
        await this.#write(run, now);
      } catch (error) {
        failure = error;
        if (run.decision.status === 'past') this.#ended.push(run);
      }
    });
    if (failure !== undefined) this.#log.warn({ err: failure }, 'some decisions could not be stored yet');
  }

  /** Decisions, newest first: those in memory as they are there. */
  async list(where: Partial<Pick<StoredDecision, 'ruleId' | 'incident_id'>>, offset: number, limit: number) {
    const mine = [...this.#subjects.values()].flat().filter(({ decision }) => matches(decision, where));
    const fresh = mine
      .filter(({ isStored }) => !isStored)
      .map(({ decision }) => decision)
      .sort((a, b) => parseTimestamp(b.at) - parseTimestamp(a.at));
    const current = new Map(mine.map(({ decision }) => [decision.id, decision]));
    const first = fresh.slice(offset, offset + limit);
    const page = await this.#documents.list('decisions', {
      where,
      order: 'desc',
      offset: Math.max(0, offset - fresh.length),
      limit: limit - first.length,
    });
    const stored = page.items.map(({ document }) => current.get(document.id) ?? document);
    return { data: [...first, ...stored].map(publicDecision), total: fresh.length + page.total };
  }

  #add(subject: string, run: Run): void {
    const runs = this.#subjects.get(subject) ?? [];
    // To the end of the order in which subjects are forgotten.
    this.#subjects.delete(subject);
    this.#subjects.set(subject, [...runs.filter((other) => other !== run), run]);
    if (this.#subjects.size <= MAX_SUBJECTS) return;
    const [[oldest, ended] = ['', []]] = this.#subjects;
    this.#subjects.delete(oldest);
    this.#end(ended);
  }

  #endAllBut(rules: ReadonlySet<string>): void {
    for (const [subject, runs] of this.#subjects) {
      if (rules.has(runs[0]?.decision.ruleId ?? '')) continue;
      this.#subjects.delete(subject);
      this.#end(runs);
    }
  }

  #end(runs: readonly Run[]): void {
    for (const run of runs) {
      run.decision = { ...run.decision, status: 'past' };
      run.isWritten = false;
      this.#ended.push(run);
    }
  }

  #due(now: number): readonly Run[] {
    const due: Run[] = [];
    const lagging: Run[] = [];
    for (const runs of this.#subjects.values()) {
      runs.forEach((run, index) => {
        if (run.isWritten) return;
        const isNews = !run.isStored && (run.isTransition || index < runs.length - 1 || !isQuiet(run.decision));
        if (isNews) due.push(run);
        else if (now - run.writtenAt >= LAG_MS) lagging.push(run);
      });
    }
    lagging.sort((a, b) => a.writtenAt - b.writtenAt);
    return [...due, ...lagging.slice(0, MAX_LAGGING)];
  }

  async #write(run: Run, now: number): Promise<void> {
    run.isWritten = true;
    try {
      if (run.isStored) await this.#update(run);
      else await this.#documents.insert('decisions', run.decision);
      run.isStored = true;
      run.writtenAt = now;
    } catch (error) {
      run.isWritten = false;
      throw error;
    }
  }

  /** Where somebody else was faster, theirs holds until the next time. */
  async #update(run: Run): Promise<void> {
    const { decision } = run;
    const version = run.version ?? (await this.#documents.get('decisions', decision.id))?.version;
    if (version === undefined) return;
    const isDone = await this.#documents.update('decisions', decision, version);
    run.version = isDone ? version + 1 : undefined;
  }
}

function decisionOf(decided: DecidedOn): StoredDecision {
  const { ruleId, incidentId, silenceId, deliveryIds, rule, reading, now } = decided;
  const at = formatTimestamp(now);
  const outcome = decisionOutcome(decided);
  return {
    id: stableId('decision', ruleId, incidentId ?? '', at, outcome),
    ruleId,
    incident_id: incidentId,
    service: reading.service,
    group: reading.group,
    at,
    until: at,
    count: 1,
    outcome,
    reason: decisionReason(decided),
    value: reading.value,
    threshold: heldAgainst(rule, reading),
    silence_id: silenceId,
    delivery_ids: [...deliveryIds],
    status: 'current',
  };
}

/** Whether `decision` is one more of what was decided in `run`, which is the latest or an earlier one of its subject. */
function goesOn({ decision: before, isTransition }: Run, decision: StoredDecision, isLatest: boolean): boolean {
  if (before.outcome !== decision.outcome || before.silence_id !== decision.silence_id) return false;
  if (isTransition) return isLatest && decision.outcome === 'silenced';
  return isLatest || parseTimestamp(decision.at) - parseTimestamp(before.at) < RESUME_MS;
}

function isQuiet({ outcome }: Decision): boolean {
  return outcome === 'not_breached' || outcome === 'no_data';
}

function storedRun({ document, version }: Versioned<StoredDecision>): Run {
  const isTransition = document.delivery_ids.length > 0 || ['paged', 'reopened'].includes(document.outcome);
  return {
    decision: document,
    version,
    isStored: true,
    isWritten: true,
    writtenAt: parseTimestamp(document.until),
    isTransition,
  };
}

function subjectOf({ ruleId, incident_id: incidentId }: Decision): string {
  return incidentId ?? `rule ${ruleId}`;
}

function matches(decision: Decision, where: Partial<Pick<Decision, 'ruleId' | 'incident_id'>>): boolean {
  return (
    (where.ruleId === undefined || where.ruleId === decision.ruleId) &&
    (where.incident_id === undefined || where.incident_id === decision.incident_id)
  );
}

function publicDecision({ status: _status, ...decision }: StoredDecision): Decision {
  return decision;
}
