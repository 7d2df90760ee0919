import { ChevronLeft, ChevronRight } from 'lucide-react';
import { whole } from '../lib/format.ts';
import { Button } from './button.tsx';

interface PagerProps {
  /** From 1. */
  readonly page: number;
  readonly limit: number;
  readonly total: number | undefined;
  readonly onPage: (page: number) => void;
}

/** Which part of a long list this is, and the ones beside it. Nothing for a list that fits. */
export function Pager({ page, limit, total, onPage }: PagerProps) {
  if (total === undefined || (total <= limit && page === 1)) return null;
  const first = (page - 1) * limit + 1;
  return (
    <nav
      aria-label="Parts of the list"
      className="flex items-center justify-end gap-1 border-t border-line px-3 py-1.5"
    >
      <span className="me-2 text-xs text-ink-3">{`${whole(Math.min(first, total))}–${whole(Math.min(total, first + limit - 1))} of ${whole(total)}`}</span>
      <Button
        kind="ghost"
        size="small"
        icon={ChevronLeft}
        label="The part before"
        disabled={page <= 1}
        onClick={() => onPage(page - 1)}
      />
      <Button
        kind="ghost"
        size="small"
        icon={ChevronRight}
        label="The part after"
        disabled={first + limit > total}
        onClick={() => onPage(page + 1)}
      />
    </nav>
  );
}
