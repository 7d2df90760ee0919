import type { ReactNode } from 'react';

interface PanelProps {
  readonly title?: string;
  /** What the title leaves open: a unit, a range. */
  readonly hint?: ReactNode;
  /** At the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A part of a view, with a heading of its own. */
export function Panel({ title, hint, actions, children, className = '' }: PanelProps) {
  return (
    <section className={`panel min-w-0 ${className}`} aria-label={title}>
      {title !== undefined && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
          <h2 className="font-medium">{title}</h2>
          {hint !== undefined && <p className="text-xs text-ink-3">{hint}</p>}
          {actions !== undefined && (
            <div className="ms-auto flex flex-wrap items-center justify-end gap-1.5">{actions}</div>
          )}
        </header>
      )}
      {children}
    </section>
  );
}
