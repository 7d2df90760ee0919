import type { Policy } from '../../src/core/rule.ts';

/** What was seen, or done by hand, at one time. Times grow from moment to moment. */
export interface Moment {
  readonly now: number;
  readonly what: 'breach' | 'clear' | 'resolve';
}
/** What was announced. */
export interface Said {
  readonly now: number;
  readonly event: string;
}

/** What an incident announces over a history, read from the rules of the contract, each time over the whole past. */
export function naiveIncident(
  moments: readonly Moment[],
  { forMs, resolveAfterMs, quietMs, cooldownMs }: Policy,
): Said[] {
  const said: Said[] = [];
  const isOpeningAt = (time: number) => said.some(({ now, event }) => now === time && event !== 'resolved');
  moments.forEach(({ now, what }, index) => {
    const last = said.at(-1);
    const active = last !== undefined && last.event !== 'resolved';
    if (what === 'resolve') {
      if (active) said.push({ now, event: 'resolved' });
      return;
    }
    // The unbroken run of equal readings up to now, since the last thing that was said.
    let since = now;
    for (let before = index - 1; before >= 0; before--) {
      const moment = moments[before];
      if (moment === undefined || (last !== undefined && moment.now <= last.now)) break;
      if (moment.what === 'resolve') continue;
      if (moment.what !== what) break;
      since = moment.now;
    }
    if (active) {
      if (what === 'clear' && now - since >= resolveAfterMs) said.push({ now, event: 'resolved' });
      return;
    }
    if (what === 'clear' || now - since < forMs) return;
    const openings = said.filter(({ event }) => event !== 'resolved');
    const lastOpening = openings.at(-1);
    if (lastOpening === undefined) {
      said.push({ now, event: 'opened' });
      return;
    }
    let wasActive = false;
    let lastSeen = lastOpening.now;
    for (const moment of moments.slice(0, index)) {
      if (isOpeningAt(moment.now)) wasActive = true;
      if (said.some((one) => one.now === moment.now && one.event === 'resolved')) wasActive = false;
      if (wasActive && moment.what === 'breach') lastSeen = moment.now;
    }
    if (now - lastSeen >= quietMs && now - lastOpening.now >= cooldownMs) said.push({ now, event: 'reopened' });
  });
  return said;
}
