import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, type UIEvent, useEffect, useLayoutEffect, useRef } from 'react';
import type { StoredLog } from '../../api/routes.ts';
import type { LiveRow } from './live-buffer.ts';
import { LogDetails } from './log-details.tsx';
import { LogRow } from './log-row.tsx';

/** Pixels of a row that is not opened, on a wide screen, and on a narrow one: there it is a guess, and each is measured. */
const ROW = 24;
const NARROW_ROW = 44;
/** How near to its end, in pixels, a list counts as being at its end. */
const AT_END = 24;

interface LogListProps {
  readonly rows: readonly LiveRow[];
  readonly openId: string | undefined;
  readonly activeIndex: number;
  readonly onToggle: (id: string) => void;
  readonly onContext: (log: StoredLog) => void;
  /** Called when its end comes near. */
  readonly onEnd?: () => void;
  /** Stays at its end while rows are added there. */
  readonly follow?: boolean;
  /** Told whether it is at its end after each scroll by hand. */
  readonly onFollow?: (atEnd: boolean) => void;
  /** Rows that have gone from the beginning. */
  readonly gone?: number;
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly footer?: ReactNode;
}

/** Rows without end, of which those on the screen are drawn. */
export function LogList({
  rows,
  openId,
  activeIndex,
  onToggle,
  onContext,
  onEnd,
  follow = false,
  onFollow,
  gone = 0,
  scroller,
  footer,
}: LogListProps) {
  const isNarrow = matchMedia('(width < 640px)').matches;
  const rowHeight = isNarrow ? NARROW_ROW : ROW;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 14,
  });
  const items = virtual.getVirtualItems();
  // A row that was open is measured once more when it is closed.
  const lastOpen = useRef(openId);
  if (openId !== undefined) lastOpen.current = openId;
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (onEnd !== undefined && rows.length > 0 && last >= rows.length - 60) onEnd();
  }, [last, rows.length, onEnd]);

  useEffect(() => {
    if (activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: 'auto' });
  }, [activeIndex, virtual]);

  const size = virtual.getTotalSize();
  const seenGone = useRef(gone);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    // What goes above must not move what is read.
    if (!follow && gone !== seenGone.current) element.scrollTop -= (gone - seenGone.current) * rowHeight;
    seenGone.current = gone;
    if (follow && size > 0) element.scrollTop = element.scrollHeight;
  }, [follow, size, gone, rowHeight, scroller]);

  const lastTop = useRef(0);
  const onScroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLElement>) => {
    const isUpward = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    const isAtEnd = scrollHeight - scrollTop - clientHeight <= AT_END;
    // Rows that turn out taller than they were thought push the end away: nobody has scrolled then.
    if (isAtEnd || isUpward) onFollow?.(isAtEnd);
  };

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto [overflow-anchor:none]" onScroll={onScroll}>
      <ol className="relative" style={{ height: size }} aria-label="Logs">
        {items.map(({ key, index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const isOpen = 'log' in row && openId === row.log.id;
          // Whose height is known is not measured: that is most of the time of a fast scroll.
          const isKnown = !isNarrow && 'log' in row && !isOpen && row.log.id !== lastOpen.current;
          return (
            <li
              key={key}
              data-index={index}
              ref={isKnown ? null : virtual.measureElement}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              {'note' in row ? (
                <p className="border-y border-line bg-warn-soft px-4 py-1 text-xs text-warn">{row.note}</p>
              ) : (
                <>
                  <LogRow log={row.log} open={isOpen} active={index === activeIndex} onToggle={onToggle} />
                  {isOpen && <LogDetails log={row.log} onContext={onContext} />}
                </>
              )}
            </li>
          );
        })}
      </ol>
      {footer}
    </div>
  );
}
