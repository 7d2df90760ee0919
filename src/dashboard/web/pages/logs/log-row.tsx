import { memo } from 'react';
import type { StoredLog } from '../../api/routes.ts';
import { inertLine } from '../../lib/inert.ts';
import { dayAndTime, rowTime, utc } from '../../lib/time.ts';
import { LEVEL_TEXT } from '../../lib/tones.ts';

interface LogRowProps {
  readonly log: StoredLog;
  readonly active: boolean;
  readonly open: boolean;
  readonly onToggle: (id: string) => void;
}

/** One log in one line (two on a narrow screen). */
export const LogRow = memo(function LogRow({ log, active, open, onToggle }: LogRowProps) {
  const time = Date.parse(log.timestamp);
  return (
    <button
      type="button"
      aria-expanded={open}
      data-level={log.level}
      className={`log-row ${active ? 'bg-hover' : ''}`}
      onClick={() => onToggle(log.id)}
    >
      {/* Named when it is pointed at: few of thousands are. */}
      <time
        className="text-ink-3"
        onPointerEnter={({ currentTarget }) => {
          currentTarget.title = `${dayAndTime(time)} · ${utc(time)}`;
        }}
      >
        {rowTime(time)}
      </time>
      <span className={`font-medium uppercase ${LEVEL_TEXT[log.level]}`}>{log.level}</span>
      <bdi className="truncate text-ink-2">{inertLine(log.service)}</bdi>
      <bdi className="log-message">{inertLine(log.message) || ' '}</bdi>
    </button>
  );
});
