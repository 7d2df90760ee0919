import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a process has used so far. Bytes. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Memory of its own, without the pages of files it maps; only on Linux. */
  readonly anonymousBytes?: number;
  /** The most it ever held; only on Linux, elsewhere what it holds now. */
  readonly peakBytes: number;
}

/** Ticks a second in /proc/<pid>/stat: Linux shows user space 100 on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

export function processFigures(pid: number): ProcessFigures {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in parentheses and may hold anything; what follows it are numbers.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssBytes: bytes('VmRSS'),
    anonymousBytes: bytes('RssAnon'),
    peakBytes: bytes('VmHWM'),
  };
}

/** `ps` of other systems: kilobytes, and processor time as `[[dd-]hh:]mm:ss[.cc]`. */
function fromPs(pid: number): ProcessFigures {
  const [rss = '0', time = '0'] = execFileSync('ps', ['-o', 'rss=,time=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  const cpuSeconds = time.split(/[-:]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  const rssBytes = Number(rss) * 1024;
  return { cpuSeconds, rssBytes, peakBytes: rssBytes };
}
