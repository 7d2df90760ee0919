/**
 * How long a host may be silent before its heartbeat is overdue: three of the 30 s that agents usually take. To know
 * each service's own rhythm, the store would keep the usual gap beside `lastSeen`, and it would be used here instead.
 */
export const OVERDUE_AFTER_MS = 90_000;

/** The newest heartbeat of one service on one host; `lastSeen` in milliseconds since the epoch. */
interface HostHeartbeat {
  readonly service: string;
  readonly lastSeen: number;
}

/** What is heard of one service. */
export interface ServiceHeartbeats<H> {
  readonly service: string;
  /** Of its newest heartbeat, whichever host sent it. */
  readonly lastSeen: number;
  /** Those that speak for the service, in the order in which they were given. */
  readonly hosts: readonly H[];
}

/**
 * Services in alphabetical order. A host speaks for its service unless it was overdue already when the service was last
 * heard: hosts that speak in turn all count, also after all of them fell silent, and one that was taken away does not.
 */
export function heartbeatsByService<H extends HostHeartbeat>(
  heartbeats: readonly H[],
): readonly ServiceHeartbeats<H>[] {
  const byService = new Map<string, H[]>();
  for (const heartbeat of heartbeats) {
    const hosts = byService.get(heartbeat.service);
    if (hosts === undefined) byService.set(heartbeat.service, [heartbeat]);
    else hosts.push(heartbeat);
  }
  return [...byService]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, all]) => {
      const lastSeen = all.reduce((newest, host) => Math.max(newest, host.lastSeen), 0);
      return { service, lastSeen, hosts: all.filter((host) => lastSeen - host.lastSeen <= OVERDUE_AFTER_MS) };
    });
}

/** Whether nobody speaks for the service any more. */
export function isOverdue({ lastSeen }: Pick<ServiceHeartbeats<unknown>, 'lastSeen'>, now: number): boolean {
  return now - lastSeen > OVERDUE_AFTER_MS;
}
