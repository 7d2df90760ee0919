/** Which replica does what only one may do. Of its age only its version tells: clocks of replicas differ. */
export interface Lease {
  readonly id: string;
  /** The replica that holds it; null when it was given back. */
  readonly holder: string | null;
  /** How often the holder has changed: the fencing number of what this holder writes. */
  readonly fence: number;
  /** How long after each renewal it holds, milliseconds. */
  readonly lease_ms: number;
}
