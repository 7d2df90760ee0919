import type { DecidedOn } from '../../src/alert/decision-log.ts';

/** Takes the place of the log of decisions, and keeps every single one. */
export function collectDecisions() {
  const decided: DecidedOn[] = [];
  const log = {
    async load() {},
    record: (one: DecidedOn) => void decided.push(one),
    async flush() {},
    forget() {},
  };
  return { decided, log };
}
