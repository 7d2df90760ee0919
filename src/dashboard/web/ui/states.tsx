import { CircleAlert, type LucideIcon, PlugZap } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/api-error.ts';
import { Button } from './button.tsx';

interface EmptyStateProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  /** What it means and what to do. */
  readonly children?: ReactNode;
}

/** Nothing is there, which is no fault. */
export function EmptyState({ icon: Icon, title, children }: EmptyStateProps) {
  return (
    <div className="grid place-items-center gap-1 px-6 py-10 text-center text-ink-2">
      {Icon !== undefined && <Icon size={20} strokeWidth={1.6} aria-hidden="true" className="mb-1 text-ink-3" />}
      <p className="font-medium text-ink">{title}</p>
      {children !== undefined && <div className="max-w-md">{children}</div>}
    </div>
  );
}

interface ErrorStateProps {
  readonly error: Error;
  /** What was wanted: "the logs". */
  readonly what: string;
  readonly onRetry?: () => void;
}

/** What was wanted cannot be shown, why, and what to tell whoever runs the server. */
export function ErrorState({ error, what, onRetry }: ErrorStateProps) {
  if (error instanceof ApiError && error.isMissingRoute) {
    return (
      <EmptyState icon={PlugZap} title={`This server does not offer ${what}`}>
        {error.role === undefined
          ? 'The server is older than this page.'
          : `The role ${error.role}, which answers it, is off here: another replica has it, or ROLES should name it.`}
      </EmptyState>
    );
  }
  const { code, requestId, retryAfterS } =
    error instanceof ApiError ? error : { code: undefined, requestId: undefined, retryAfterS: undefined };
  return (
    <div role="alert" className="grid place-items-center gap-1 px-6 py-8 text-center">
      <CircleAlert size={20} strokeWidth={1.6} aria-hidden="true" className="mb-1 text-error" />
      <p className="font-medium">{`Could not load ${what}`}</p>
      <p className="max-w-xl text-ink-2">
        {error.message}
        {retryAfterS !== undefined && `; try again in ${retryAfterS} s`}
      </p>
      {code !== undefined && (
        <p className="text-xs text-ink-3">
          <code>{code}</code>
          {requestId !== undefined && requestId !== '' && (
            <>
              {' · request '}
              <code>{requestId}</code>
            </>
          )}
        </p>
      )}
      {onRetry !== undefined && (
        <Button size="small" className="mt-2" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Where something will be in a moment; `className` gives its size. */
export function Skeleton({ className = '' }: { readonly className?: string }) {
  return <div aria-hidden="true" className={`animate-pulse rounded-sm bg-sunken ${className}`} />;
}

/** Lines that will be there in a moment. */
export function SkeletonRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-2.5 p-4">
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <Skeleton key={key} className="h-3.5" />
      ))}
    </div>
  );
}
