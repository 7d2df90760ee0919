/** The longest that the server works on one question: what takes longer is cancelled there, not piled up. */
export const QUERY_TIMEOUT_MS = 10_000;

/** How long the server's own word that it took too long may take to arrive. */
const GRACE_MS = 1000;

/**
 * What an operation of the driver is given so that it ends, whatever happens to its connection: one that is written to just
 * after its server has closed it would otherwise be waited for for ever. The connection is given up with it.
 */
interface Deadline {
  readonly signal: AbortSignal;
  /** What is undefined is not there, as in JSON; the driver would write null. */
  readonly ignoreUndefined: true;
}

/** Makes a deadline for each operation that begins now. */
export type Within = () => Deadline;

export function within(timeoutMs: number): Within {
  return () => ({ signal: AbortSignal.timeout(timeoutMs + GRACE_MS), ignoreUndefined: true });
}

/** What every question is asked with. */
export function questionOptions(signal?: AbortSignal) {
  const late = AbortSignal.timeout(QUERY_TIMEOUT_MS + GRACE_MS);
  return { maxTimeMS: QUERY_TIMEOUT_MS, signal: signal === undefined ? late : AbortSignal.any([signal, late]) };
}
