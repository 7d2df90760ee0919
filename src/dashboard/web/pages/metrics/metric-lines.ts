/** One line of the explorer: which metric, how its values become points, and what splits it. */
export interface MetricLine {
  readonly name: string;
  /** Functions with commas: `avg`, or `p50,p95,p99`. */
  readonly fn: string;
  /** A field that splits it into series; empty: none. */
  readonly by: string;
  /** Only of this service; empty: of all. */
  readonly service: string;
}

export const FUNCTIONS = [
  { value: 'avg', label: 'average' },
  { value: 'min', label: 'minimum' },
  { value: 'max', label: 'maximum' },
  { value: 'sum', label: 'sum' },
  { value: 'count', label: 'count' },
  { value: 'rate', label: 'rate per second' },
  { value: 'last', label: 'last' },
  { value: 'p50', label: 'median' },
  { value: 'p95', label: '95th percentile' },
  { value: 'p99', label: '99th percentile' },
  { value: 'p50,p90,p95,p99', label: 'all percentiles' },
  { value: 'min,avg,max', label: 'min, average, max' },
] as const;

export const STEPS = ['', '10s', '30s', '1m', '5m', '15m', '1h', '6h', '1d'] as const;
/** More make a chart that nobody reads. */
export const MOST_LINES = 6;

const PARTS = ['name', 'fn', 'by', 'service'] as const;

/** Lines as they stand in the address: parts separated by `~`, lines by `!`, each part escaped. */
export function readLines(text: string | undefined): readonly MetricLine[] {
  if (text === undefined || text === '') return [];
  return text
    .split('!')
    .slice(0, MOST_LINES)
    .map((line) => {
      const [name = '', fn = '', by = '', service = ''] = line.split('~').map(readPart);
      return { name, fn: fn || 'avg', by, service };
    });
}

export function writeLines(lines: readonly MetricLine[]): string | undefined {
  if (lines.length === 0) return undefined;
  return lines.map((line) => PARTS.map((part) => writePart(line[part])).join('~')).join('!');
}

const writePart = (text: string) => text.replace(/[%~!]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
const readPart = (text: string) =>
  text.replace(/%(25|7e|21)/g, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
