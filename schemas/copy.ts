/** How far the events of one kind were copied here from one source. It lies in the store they are copied to. */
export interface CopyProgress {
  /** The source, as a digest, and the kind. */
  readonly id: string;
  /** The last event's id in the source. */
  readonly after: string;
  /** Events read so far. */
  readonly events: number;
  /** Those that were not stored because another event here has their `event_id`. */
  readonly left_out: number;
}
