/** Who of several replicas does what only one may do. */
export interface Leadership {
  /** Whether this replica leads at this moment, by its own clocks: to be asked before each thing it does as leader. */
  readonly leader: boolean;
  /** Higher than that of every earlier leader, and what this one writes bears it: see `Documents.fenced`. */
  readonly fence: number;
  /** Calls `listener` whenever it has changed who leads, as far as this replica is concerned. */
  onChange(listener: (leader: boolean) => void): void;
}

/** Where there is one replica alone, it leads. */
export const SOLE_LEADERSHIP: Leadership = { leader: true, fence: 0, onChange() {} };
