import type { Target } from '../../schemas/delivery.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Labels } from '../core/silence.ts';

/** An opening that somebody should hear of: all that decides who does. */
export interface Page {
  readonly kind: 'error_alert' | 'error_alert_reopened';
  /** When it is to be told, milliseconds since the epoch. In a preview that is a moment of the past. */
  readonly at: number;
  /** Who is to be told, as its owner wrote it. */
  readonly rule: Pick<Rule, 'channels' | 'webhook'>;
  /**
   * What silences are matched against: `service`, `rule` (its id), `name`, `type`, `severity`, `group`, and under their
   * fields' names the values of the group (`host`, `tags.region`).
   */
  readonly labels: Labels;
}

/** Who hears of an opening or, when nobody does, why. */
export type Verdict =
  /** No targets: the rule names nobody. */
  | { readonly outcome: 'paged'; readonly targets: readonly Target[] }
  /** Nobody is told now. While the breach lasts, every evaluation asks again, so that the end of a silence is no end of it. */
  | { readonly outcome: 'silenced'; readonly targets: readonly []; readonly silenceId: string; readonly reason: string }
  /** Handed to the outbox like a page, which sends it together with others. */
  | { readonly outcome: 'storm'; readonly targets: readonly Target[]; readonly reason: string };

/** Channels, silences and what else decides who is told, as it was at one moment. Asking it changes nothing. */
export interface Routes {
  route(page: Page): Verdict;
}

/** Reads what decides who is told: once before each tick, and before a preview. */
export type ReadRoutes = () => Promise<Routes>;
