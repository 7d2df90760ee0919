import { loadavg, uptime } from 'node:os';
import si from 'systeminformation';

/** One measurement of this machine. */
export interface HostMetric {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Machines that run containers have hundreds of mounts and interfaces; the first of them say enough. */
const MAX_MOUNTS = 32;
const MAX_INTERFACES = 32;
/** Images that are always full, whatever the machine does. */
const IMAGE_TYPES = new Set(['squashfs', 'iso9660', 'erofs', 'udf']);

type Probe = () => Promise<readonly HostMetric[]>;

/** What can be measured, each by itself: where one is missing (a container, another system) the others still are. */
const PROBES: readonly Probe[] = [cpu, memory, load, disks, diskThroughput, networks];

/** Measures this machine. Rates are since the measurement before, so the first has none. */
export async function measureHost(): Promise<readonly HostMetric[]> {
  const found = await Promise.all(PROBES.map((probe) => probe().catch(() => [])));
  return found.flat().filter((metric) => Number.isFinite(metric.value));
}

async function cpu(): Promise<readonly HostMetric[]> {
  const { currentLoad, currentLoadUser, currentLoadSystem, cpus } = await si.currentLoad();
  return [
    { name: 'cpu_usage_percent', value: rounded(currentLoad), unit: 'percent' },
    { name: 'cpu_user_percent', value: rounded(currentLoadUser), unit: 'percent' },
    { name: 'cpu_system_percent', value: rounded(currentLoadSystem), unit: 'percent' },
    { name: 'cpu_count', value: cpus.length, unit: 'cpus' },
  ];
}

async function memory(): Promise<readonly HostMetric[]> {
  const { total, available, swaptotal, swapused } = await si.mem();
  const used = total - available;
  return [
    { name: 'memory_used_percent', value: percent(used, total), unit: 'percent' },
    { name: 'memory_used_bytes', value: used, unit: 'bytes' },
    { name: 'memory_available_bytes', value: available, unit: 'bytes' },
    { name: 'memory_total_bytes', value: total, unit: 'bytes' },
    ...(swaptotal > 0
      ? [{ name: 'swap_used_percent', value: percent(swapused, swaptotal), unit: 'percent' } as const]
      : []),
  ];
}

async function load(): Promise<readonly HostMetric[]> {
  const since = { name: 'uptime_seconds', value: Math.round(uptime()), unit: 'seconds' };
  // Windows has no load average and answers zeros, which would read as an idle machine.
  if (process.platform === 'win32') return [since];
  const [load1 = Number.NaN, load5 = Number.NaN, load15 = Number.NaN] = loadavg();
  return [
    { name: 'load1', value: rounded(load1), unit: 'processes' },
    { name: 'load5', value: rounded(load5), unit: 'processes' },
    { name: 'load15', value: rounded(load15), unit: 'processes' },
    since,
  ];
}

async function disks(): Promise<readonly HostMetric[]> {
  const mounts = new Map((await si.fsSize()).map((disk) => [disk.mount, disk]));
  return [...mounts.values()]
    .filter(({ size, type }) => size > 0 && !IMAGE_TYPES.has(type))
    .slice(0, MAX_MOUNTS)
    .flatMap(({ mount, used, available, use }) => {
      const tags = { mount: mount.slice(0, 256) };
      return [
        { name: 'disk_used_percent', value: rounded(use), unit: 'percent', tags },
        { name: 'disk_used_bytes', value: used, unit: 'bytes', tags },
        { name: 'disk_available_bytes', value: available, unit: 'bytes', tags },
      ];
    });
}

async function diskThroughput(): Promise<readonly HostMetric[]> {
  const { rx_sec, wx_sec } = await si.fsStats();
  return [
    rate('disk_read_bytes_per_second', rx_sec, 'bytes/s'),
    rate('disk_write_bytes_per_second', wx_sec, 'bytes/s'),
  ].flat();
}

async function networks(): Promise<readonly HostMetric[]> {
  const interfaces = (await si.networkStats('*')).filter(({ iface }) => iface !== '' && !/^lo\d*$/.test(iface));
  return interfaces.slice(0, MAX_INTERFACES).flatMap((stats) => {
    const tags = { interface: stats.iface };
    return [
      rate('network_receive_bytes_per_second', stats.rx_sec, 'bytes/s', tags),
      rate('network_transmit_bytes_per_second', stats.tx_sec, 'bytes/s', tags),
      { name: 'network_receive_errors_total', value: stats.rx_errors, unit: 'packets', tags },
      { name: 'network_transmit_errors_total', value: stats.tx_errors, unit: 'packets', tags },
    ].flat();
  });
}

/** A rate, where there is one yet. */
function rate(name: string, value: number | null, unit: string, tags?: HostMetric['tags']): readonly HostMetric[] {
  return value === null ? [] : [{ name, value: rounded(value), unit, ...(tags !== undefined && { tags }) }];
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded((100 * part) / whole);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
