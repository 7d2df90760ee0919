import type { ReactNode } from 'react';
import { useRange } from '../../shell/range.ts';
import { Panel } from '../../ui/panel.tsx';
import { kindOf, type PanelOf } from './panel-kinds.ts';
import { PanelView } from './panel-view.tsx';

/** Of one row of the grid (as `.panel-grid` has it), and what the heading of a panel takes of it. Pixels. */
const ROW_HEIGHT = 72;
const GAP = 12;
const HEADING = 54;

interface PanelGridProps {
  readonly panels: readonly PanelOf[];
  /** What stands at the right of a panel's title. */
  readonly actions?: (index: number) => ReactNode;
}

/** Panels where they belong on twelve columns; on a narrow screen one below the other. */
export function PanelGrid({ panels, actions }: PanelGridProps) {
  const { range } = useRange();
  return (
    <div className="panel-grid">
      {panels.map((panel, index) => {
        const { title, type, query, x, y, w, h } = panel;
        const height = h * ROW_HEIGHT + (h - 1) * GAP;
        return (
          <div
            key={`${x} ${y} ${type} ${title}`}
            className="min-w-0 max-md:col-span-full! max-md:row-auto!"
            style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, minHeight: height }}
          >
            <Panel
              title={title === '' ? kindOf(type).label : title}
              className="flex h-full flex-col"
              actions={actions?.(index)}
            >
              <div className="min-h-0 flex-1 overflow-y-auto">
                <PanelView
                  panel={panel}
                  query={kindOf(type).ranged ? { ...range, ...query } : query}
                  height={height - HEADING}
                />
              </div>
            </Panel>
          </div>
        );
      })}
    </div>
  );
}
