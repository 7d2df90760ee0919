import type { ReactNode } from 'react';

interface FactsProps {
  /** Names and values; what is false is left out. */
  readonly rows: readonly (readonly [string, ReactNode] | false)[];
}

/** What is known of one thing, a line each. */
export function Facts({ rows }: FactsProps) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5 px-4 pb-3.5">
      {rows
        .filter((row) => row !== false)
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="min-w-0">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
