import { Gauge, ScrollText, ShieldAlert } from 'lucide-react';
import type { TraceItem } from '../../api/routes.ts';
import { measured } from '../../lib/format.ts';
import { inert, inertLine } from '../../lib/inert.ts';
import { duration } from '../../lib/time.ts';
import { LEVEL_TEXT } from '../../lib/tones.ts';
import type { WaterfallRow } from './waterfall.ts';

/** Pixels that a step down moves to the right; deeper ones no further. */
const INDENT = 14;
const DEEPEST = 12;
/** Per cent of the width: shorter ones could not be seen. */
const LEAST_WIDTH = 0.25;

interface TraceRowProps {
  readonly row: WaterfallRow;
  /** Milliseconds of the whole trace. */
  readonly lasted: number;
  readonly colour: string;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A span as a bar, another event as a mark where it happened. */
export function TraceRow({ row: { item, depth, startMs, lengthMs }, lasted, colour, open, onToggle }: TraceRowProps) {
  const left = Math.min(100 - LEAST_WIDTH, (startMs / lasted) * 100);
  const width = Math.min(100 - left, Math.max(LEAST_WIDTH, (lengthMs / lasted) * 100));
  const failed = item.kind === 'span' && item.status === 'error';
  return (
    <li className="border-t border-line">
      <button type="button" aria-expanded={open} className="waterfall-row" onClick={onToggle}>
        <span
          className="flex min-w-0 items-center gap-2"
          style={{ paddingInlineStart: Math.min(depth, DEEPEST) * INDENT }}
        >
          <What item={item} />
        </span>
        <span className="relative h-4">
          {item.kind === 'span' ? (
            <span
              className={`absolute inset-y-0.5 rounded-[2px] ${failed ? 'outline-2 outline-error' : ''}`}
              style={{ left: `${left}%`, width: `${width}%`, background: `var(${colour})` }}
            />
          ) : (
            <span
              className="absolute top-1 size-2 rotate-45 rounded-[1px]"
              style={{ left: `calc(${left}% - 4px)`, background: `var(${colour})` }}
            />
          )}
        </span>
        <span className="text-end text-xs whitespace-nowrap text-ink-3">
          {item.kind === 'span' ? duration(lengthMs) : `+${duration(startMs)}`}
        </span>
      </button>
      {open && (
        <pre className="border-t border-line bg-sunken px-4 py-3 whitespace-pre-wrap">
          {inert(JSON.stringify(item, null, 2))}
        </pre>
      )}
    </li>
  );
}

function What({ item }: { readonly item: TraceItem }) {
  switch (item.kind) {
    case 'span':
      return (
        <>
          <bdi className="truncate font-medium">{inertLine(item.name)}</bdi>
          <span className="truncate text-xs text-ink-3">{inertLine(item.service)}</span>
          {item.status === 'error' && (
            <span className="shrink-0 text-xs font-medium whitespace-nowrap text-error">failed</span>
          )}
        </>
      );
    case 'log':
      return (
        <>
          <ScrollText size={13} aria-hidden="true" className={`shrink-0 ${LEVEL_TEXT[item.level]}`} />
          <span className={`shrink-0 text-xs font-medium whitespace-nowrap uppercase ${LEVEL_TEXT[item.level]}`}>
            {item.level}
          </span>
          <bdi className="truncate font-mono text-xs">{inertLine(item.message)}</bdi>
        </>
      );
    case 'metric':
      return (
        <>
          <Gauge size={13} aria-hidden="true" className="shrink-0 text-ink-3" />
          <bdi className="truncate font-mono text-xs">{`${inertLine(item.name)} = ${measured(item.value)}`}</bdi>
        </>
      );
    case 'security':
      return (
        <>
          <ShieldAlert size={13} aria-hidden="true" className="shrink-0 text-error" />
          <span className="shrink-0 text-xs font-medium whitespace-nowrap">{item.type.replaceAll('_', ' ')}</span>
          <bdi className="truncate text-xs text-ink-2">{inertLine(item.description ?? '')}</bdi>
        </>
      );
  }
}
