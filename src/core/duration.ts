const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `5m`, `1h`, `7d` to milliseconds; undefined when it is nothing of the kind. */
export function parseDuration(text: string): number | undefined {
  const parts = /^([1-9][0-9]{0,6})([smhd])$/.exec(text);
  if (parts === null) return undefined;
  return Number(parts[1]) * UNIT_MS[parts[2] as keyof typeof UNIT_MS];
}

/** Milliseconds to the largest unit that holds them whole: `formatDuration(300_000)` is `5m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm'] as const)
    if (ms >= UNIT_MS[unit] && ms % UNIT_MS[unit] === 0) return `${ms / UNIT_MS[unit]}${unit}`;
  return `${ms / 1000}s`;
}
