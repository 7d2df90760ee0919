import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { Link } from 'wouter';
import type { StoredSecurity } from '../../api/routes.ts';
import { inertLine } from '../../lib/inert.ts';
import { SEVERITY_TONES } from '../../lib/tones.ts';
import { Badge } from '../../ui/badge.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Time } from '../../ui/time.tsx';

const ROW = 36;

interface SecurityTableProps {
  readonly events: readonly StoredSecurity[];
  readonly onChoose: (field: string, value: string) => void;
}

/** The events one by one, newest first; those on the screen are drawn. */
export function SecurityTable({ events, onChoose }: SecurityTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  return (
    <Panel title="Events">
      <div
        ref={scroller}
        className="max-h-[520px] overflow-y-auto border-t border-line"
        role="log"
        aria-label="Security events"
      >
        <ol className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const event = events[index];
            if (event === undefined) return null;
            const { timestamp, severity, type, service, source_ip, description, trace_id } = event;
            return (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="absolute inset-x-0 top-0 grid grid-cols-[112px_66px_140px_120px_132px_minmax(0,1fr)] items-baseline gap-x-3 border-b border-line px-4 py-2 max-lg:grid-cols-[auto_auto_1fr]"
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="text-ink-3">
                  <Time at={timestamp} />
                </span>
                <span>
                  <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>
                </span>
                <span className="truncate font-medium">{type.replaceAll('_', ' ')}</span>
                <span className="truncate text-ink-2">{inertLine(service)}</span>
                <span className="truncate font-mono text-xs">
                  {source_ip !== undefined && (
                    <button
                      type="button"
                      className="hover:underline"
                      title={`Only from ${source_ip}`}
                      onClick={() => onChoose('ip', source_ip)}
                    >
                      {source_ip}
                    </button>
                  )}
                </span>
                <span className="text-ink-2 max-lg:col-span-3">
                  <bdi>{inertLine(description ?? '')}</bdi>{' '}
                  {trace_id !== undefined && (
                    <Link href={`/traces/${encodeURIComponent(trace_id)}`} className="link">
                      trace
                    </Link>
                  )}
                </span>
              </li>
            );
          })}
        </ol>
      </div>
    </Panel>
  );
}
