import type { StoredDelivery } from '../../../schemas/delivery.ts';
import { stableId } from '../../core/fingerprint.ts';
import { formatTimestamp, parseTimestamp } from '../../core/timestamp.ts';
import { CHANNEL_KINDS } from './channel-kinds.ts';

const MINUTE_MS = 60_000;
/**
 * Notifications that one target is told of one by one within a minute. More than a person can read, and with the summaries
 * less than the 30 a minute that Discord takes from one webhook.
 */
export const MAX_ALONE_PER_MINUTE = 20;
/** What comes in a storm comes within moments: so long the first summary waits for more. */
export const GATHER_MS = 5000;
/** The least time between two summaries to one target. */
export const SUMMARY_EVERY_MS = 30_000;
/** Notifications in one summary: some 300 KiB for a webhook, which gets them all. */
export const MAX_SUMMARISED = 1000;

/** Notifications that will be told in one. Its id is the id of the delivery that does. */
export interface Group {
  readonly id: string;
  readonly target: string;
  readonly closesAt: number;
}

interface TargetState {
  /** When its notifications of the last minute were told one by one. */
  readonly alone: number[];
  /** Those told one by one that have not arrived yet. */
  unsettled: number;
  /** What new ones join, and how many have. */
  group: (Group & { size: number }) | undefined;
  lastClosedAt: number;
}

/**
 * Decides, for each target, which notifications are told one by one and which together. In a calm each goes out at once;
 * past `MAX_ALONE_PER_MINUTE`, or when so many have not arrived, the following ones are gathered into summaries.
 *
 * What it decides is written into the deliveries, and what it knows can be read from them: it keeps nothing of its own.
 */
export class Storms {
  readonly #targets = new Map<string, TargetState>();

  /** A delivery as it is to be kept: as it is, or with the summary that it will be told in. Counts it. */
  admit(delivery: StoredDelivery, now: number): StoredDelivery {
    if (!canBeGrouped(delivery)) return delivery;
    const state = this.#state(delivery.target);
    const { alone } = state;
    // By a clock that went back, what is yet to come would be counted for longer than a minute.
    if ((alone.at(-1) ?? now) > now) alone.length = 0;
    while (alone[0] !== undefined && alone[0] <= now - MINUTE_MS) alone.shift();
    const calm = alone.length < MAX_ALONE_PER_MINUTE && state.unsettled < MAX_ALONE_PER_MINUTE;
    if (state.group === undefined && calm) {
      alone.push(now);
      return delivery;
    }
    if (state.group === undefined || state.group.size >= MAX_SUMMARISED) state.group = openGroup(delivery, state, now);
    state.group.size += 1;
    return { ...delivery, summary_id: state.group.id, next_attempt_at: formatTimestamp(state.group.closesAt) };
  }

  /** Takes back what `admit` counted, for a delivery that was not kept after all. */
  withdraw({ target, summary_id: summaryId, ...rest }: StoredDelivery): void {
    if (!canBeGrouped(rest)) return;
    const state = this.#state(target);
    if (summaryId === null) {
      state.alone.pop();
    } else if (state.group?.id === summaryId) {
      state.group.size -= 1;
    }
  }

  /** Counts a delivery that an earlier run has made within the last minute. */
  remember({ target, kind, created_at: at, ...rest }: StoredDelivery): void {
    const state = this.#state(target);
    const madeAt = parseTimestamp(at);
    if (kind === 'alert_storm') state.lastClosedAt = Math.max(state.lastClosedAt, madeAt);
    else if (rest.summary_id === null && canBeGrouped({ kind, ...rest })) state.alone.push(madeAt);
    state.alone.sort((a, b) => a - b);
  }

  /** A delivery is to be sent. */
  entered(delivery: StoredDelivery): void {
    if (delivery.summary_id === null && canBeGrouped(delivery)) this.#state(delivery.target).unsettled += 1;
  }

  /** It has arrived, or was given up. */
  left(delivery: StoredDelivery): void {
    if (delivery.summary_id === null && canBeGrouped(delivery)) this.#state(delivery.target).unsettled -= 1;
  }

  /** The group of a delivery that is to be told in a summary. */
  groupOf({ summary_id: id, target, next_attempt_at: at, created_at }: StoredDelivery): Group {
    if (id === null) throw new Error('BUG: a delivery that is told alone has no group');
    return { id, target, closesAt: parseTimestamp(at ?? created_at) };
  }

  /** Nothing joins the group any more. */
  close({ id, target }: Group, now: number): void {
    const state = this.#state(target);
    if (state.group?.id === id) state.group = undefined;
    state.lastClosedAt = now;
  }

  /** Forgets targets where nothing has happened for a while. */
  sweep(now: number): void {
    for (const [target, { alone, unsettled, group, lastClosedAt }] of this.#targets) {
      const last = Math.max(alone.at(-1) ?? lastClosedAt, lastClosedAt);
      if (unsettled === 0 && group === undefined && last < now - MINUTE_MS) this.#targets.delete(target);
    }
  }

  clear(): void {
    this.#targets.clear();
  }

  #state(target: string): TargetState {
    const state = this.#targets.get(target) ?? {
      alone: [],
      unsettled: 0,
      group: undefined,
      lastClosedAt: Number.NEGATIVE_INFINITY,
    };
    this.#targets.set(target, state);
    return state;
  }
}

function openGroup(first: StoredDelivery, { lastClosedAt }: TargetState, now: number) {
  const closesAt = Math.max(now + GATHER_MS, lastClosedAt + SUMMARY_EVERY_MS);
  return { id: stableId('summary', first.id), target: first.target, closesAt, size: 0 };
}

/** Whoever keeps incidents of its own must hear of every end, or it would go on calling; that disturbs nobody. */
function canBeGrouped({ channel_type: type, kind }: Pick<StoredDelivery, 'channel_type' | 'kind'>): boolean {
  if (kind === 'alert_storm') return false;
  return CHANNEL_KINDS[type].tracksIncidents !== true || kind === 'error_alert' || kind === 'error_alert_reopened';
}
