import { type Change, isTaken, makeChange, makeChanges } from './document-changes.ts';
import type { Engine, Read } from './engine.ts';

/** Changes of one transaction: past some hundreds each of them costs no less. */
const MAX_TOGETHER = 512;
/** Characters of theirs, which are copied a few times on their way. */
const MAX_CHARACTERS = 4 * 1024 * 1024;
/** So few are made one by one; a statement that makes many at once costs as much as that in the first place. */
const FEW = 8;

/** Whether there was anything to change, or why it could not be. */
type Outcome = { readonly changed: boolean } | { readonly cause: unknown };

interface Waiting extends Change {
  settle(outcome: Outcome): void;
}

/**
 * Changes that come while others are being committed share the next transaction: its sync, and when they are many its
 * statements. They are made as if in the order of the calls, and none is answered before it is durable. One that fails does
 * so alone.
 */
export class GroupCommit {
  readonly #engine: Engine;
  readonly #waiting: Waiting[] = [];
  #committing = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Resolves to whether there was anything to change. */
  async make(change: Change): Promise<boolean> {
    const outcome = await new Promise<Outcome>((settle) => {
      this.#waiting.push({ ...change, settle });
      void this.#commitAll();
    });
    if ('cause' in outcome) throw outcome.cause;
    return outcome.changed;
  }

  async #commitAll(): Promise<void> {
    if (this.#committing) return;
    this.#committing = true;
    while (this.#waiting.length > 0) await this.#commitNext();
    this.#committing = false;
  }

  async #commitNext(): Promise<void> {
    let group: readonly Waiting[] = [];
    const outcomes = await this.#engine.write((run) => {
      // Not before it is its turn: what comes while another writes belongs to it.
      group = this.#take();
      return together(run, group);
    });
    const failed = outcomes.find((outcome) => 'cause' in outcome);
    if (failed !== undefined && 'cause' in failed) await this.#engine.recover(failed.cause).catch(() => undefined);
    for (const [index, { settle }] of group.entries())
      settle(outcomes[index] ?? { cause: new Error('BUG: a change without an outcome') });
  }

  /** The next changes, each of another row: so their order among each other does not matter. */
  #take(): readonly Waiting[] {
    const keys = new Set<string>();
    let characters = 0;
    for (const { key, body = '' } of this.#waiting) {
      characters += body.length;
      if (keys.has(key) || keys.size === MAX_TOGETHER || (keys.size > 0 && characters > MAX_CHARACTERS)) break;
      keys.add(key);
    }
    return this.#waiting.splice(0, keys.size);
  }
}

async function together(run: Read, group: readonly Change[]): Promise<readonly Outcome[]> {
  if (group.length === 1) return eachAlone(run, group);
  let outcomes: readonly Outcome[];
  try {
    await run('BEGIN TRANSACTION');
    outcomes = group.length <= FEW ? await oneByOne(run, group) : await atOnce(run, group);
  } catch {
    await run('ROLLBACK').catch(() => undefined);
    return eachAlone(run, group);
  }
  try {
    await run('COMMIT');
    return outcomes;
  } catch (cause) {
    // Nobody knows what of it is stored: to make it again could answer wrongly that it was there.
    await run('ROLLBACK').catch(() => undefined);
    return group.map(() => ({ cause }));
  }
}

async function oneByOne(run: Read, group: readonly Change[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const change of group) outcomes.push({ changed: await makeChange(run, change) });
  return outcomes;
}

async function atOnce(run: Read, group: readonly Change[]): Promise<readonly Outcome[]> {
  const changed = await makeChanges(run, group);
  return group.map(({ key }) => ({ changed: changed.has(key) }));
}

/** Each in a transaction of its own. */
async function eachAlone(run: Read, group: readonly Change[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const change of group) {
    try {
      outcomes.push({ changed: await makeChange(run, change) });
    } catch (cause) {
      outcomes.push(isTaken(cause) ? { changed: false } : { cause });
    }
  }
  return outcomes;
}
