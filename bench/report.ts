import picocolors from 'picocolors';

/** One line of the table: what was measured, what it can at most be on this machine, what it should be. */
export interface Row {
  readonly measure: string;
  readonly shown: string;
  readonly ceilings?: readonly Ceiling[];
  readonly goal?: Goal;
}

/** The same work stripped to one of its costs, measured in the same run. */
interface Ceiling {
  readonly name: string;
  readonly shown: string;
  /** Lightwatch over the ceiling: 1 is as good, above 1 is better. */
  readonly ratio?: number;
}

export interface Goal {
  readonly shown: string;
  readonly met: boolean;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `12,345 events/s`, `3.21 ms`. */
export function amount(value: number, unit: string): string {
  return `${(Math.abs(value) >= 100 ? whole : fine).format(value)} ${unit}`;
}

export function atLeast(value: number, least: number, unit: string): Goal {
  return { shown: `≥ ${amount(least, unit)}`, met: value >= least };
}

export function atMost(value: number, most: number, unit: string): Goal {
  return { shown: `≤ ${amount(most, unit)}`, met: value <= most };
}

/** Several goals that one row must all reach. */
export function all(...goals: readonly Goal[]): Goal {
  return { shown: goals.map((goal) => goal.shown).join('; '), met: goals.every((goal) => goal.met) };
}

const HEADINGS = ['measured', 'Lightwatch', 'ceiling', 'ratio', 'goal', ''] as const;

/** A row takes a line for each of its ceilings. */
function lines(row: Row): string[][] {
  const verdict = row.goal === undefined ? '' : row.goal.met ? 'pass' : 'MISS';
  const [first, ...others] = row.ceilings ?? [];
  return [
    [row.measure, row.shown, ...ceilingCells(first), row.goal?.shown ?? '', verdict],
    ...others.map((ceiling) => ['', '', ...ceilingCells(ceiling), '', '']),
  ];
}

function ceilingCells(ceiling: Ceiling | undefined): string[] {
  if (ceiling === undefined) return ['', ''];
  return [`${ceiling.name}: ${ceiling.shown}`, ceiling.ratio === undefined ? '' : ceiling.ratio.toFixed(2)];
}

/** Cells of a column made as wide as its widest. */
function padded(cells: readonly string[][]): string[][] {
  const widths = HEADINGS.map((_, column) => Math.max(3, ...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
}

export function markdownTable(rows: readonly Row[]): string {
  const [headings = [], ...cells] = padded([[...HEADINGS], ...rows.flatMap(lines)]);
  const rule = headings.map((heading) => '-'.repeat(heading.length));
  return [headings, rule, ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function terminalTable(rows: readonly Row[]): string {
  return padded([[...HEADINGS], ...rows.flatMap(lines)])
    .map((line, index) => {
      const text = line.join('  ');
      if (index === 0) return picocolors.bold(text);
      return line.at(-1)?.startsWith('MISS') ? picocolors.red(text) : text;
    })
    .join('\n');
}
