const WHOLE = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const PLAIN = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `12,345`. */
export const whole = (value: number) => WHOLE.format(value);
/** `12.3K`: where there is no room for all digits; exact up to 9,999. */
export const short = (value: number) => (Math.abs(value) < 10_000 ? WHOLE.format(value) : SHORT.format(value));
/** A measured value, with as many digits as say something. */
export function measured(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1) return SMALL.format(value);
  return size < 10_000 ? PLAIN.format(value) : SHORT.format(value);
}

/** `12.3 MB`. */
export function bytes(value: number): string {
  const unit = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const amount = value / 1000 ** unit;
  return `${amount >= 100 || unit === 0 ? Math.round(amount) : amount.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const SIGNS: Readonly<Record<string, string>> = { percent: '%', seconds: 's', milliseconds: 'ms' };

/** `41.2 ms`, `93 %`, `1.2 GB`: a measured value of a metric, in what it is measured in, if that is known. */
export function withUnit(value: number, unit: string | undefined): string {
  if (unit === undefined || unit === '') return measured(value);
  return unit === 'bytes' && value >= 0 ? bytes(value) : `${measured(value)} ${SIGNS[unit] ?? unit}`;
}

/** `64 KiB`: of sizes that are whole powers of two. */
export const binaryBytes = (value: number): string =>
  value % 1024 ** 2 === 0 ? `${value / 1024 ** 2} MiB` : `${value / 1024} KiB`;

/** `41 %`; `< 1 %` for what is there but rounds to nothing. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return '< 1 %';
  return `${Math.round(share * 100)} %`;
}

/** `1 service`, `2 services`. */
export const plural = (count: number, one: string, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;
