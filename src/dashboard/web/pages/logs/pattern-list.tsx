import type { Level } from '../../../../../schemas/log.ts';
import type { Pattern } from '../../api/routes.ts';
import { useApi } from '../../api/use-api.ts';
import { percent, short, whole } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { LEVEL_COLOURS, LEVELS } from '../../lib/tones.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/states.tsx';
import { queryOf } from './log-query.ts';

interface PatternListProps {
  readonly params: UrlParams;
  readonly onChange: (changes: UrlParams) => void;
}

/** What the messages have in common: what differs between them is left out, and like ones are counted. */
export function PatternList({ params, onChange }: PatternListProps) {
  const { data, error, isPending, refetch } = useApi('/api/logs/patterns', { query: queryOf(params) });
  if (error !== null) return <ErrorState error={error} what="the patterns" onRetry={() => void refetch()} />;
  if (isPending) return <SkeletonRows rows={10} />;
  if (data.data.length === 0)
    return <EmptyState title="No logs in this time">Choose a longer range or take a filter away.</EmptyState>;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <table className="table">
        <thead>
          <tr>
            <th scope="col" className="number">
              Logs
            </th>
            <th scope="col" className="number max-sm:hidden">
              Share
            </th>
            <th scope="col" className="max-sm:hidden">
              Levels
            </th>
            <th scope="col">Pattern</th>
          </tr>
        </thead>
        <tbody>
          {data.data.map((pattern) => (
            <PatternRow key={pattern.pattern} pattern={pattern} onChange={onChange} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PatternRow({
  pattern: { pattern, count, share, levels, example },
  onChange,
}: { readonly pattern: Pattern } & Pick<PatternListProps, 'onChange'>) {
  return (
    <tr className="hover:bg-hover">
      <td className="number" title={whole(count)}>
        {short(count)}
      </td>
      <td className="number text-ink-3 max-sm:hidden">{percent(share)}</td>
      <td className="max-sm:hidden">
        <LevelBar levels={levels} />
      </td>
      <td className="w-full font-mono text-xs">
        <button
          type="button"
          className="text-start hover:underline"
          title={`Show its logs, such as: ${example.message.slice(0, 300)}`}
          onClick={() => onChange({ view: undefined, q: wordsOf(pattern), regex: undefined })}
        >
          {partsOf(inertLine(pattern)).map(({ at, text, differs }) => (
            <span key={at} className={differs ? 'text-accent' : ''}>
              {text}
            </span>
          ))}
        </button>
      </td>
    </tr>
  );
}

/** What is the same in all messages, and the places where they differ. */
function partsOf(pattern: string) {
  return Array.from(pattern.matchAll(/<[a-z_*]+>|(?:(?!<[a-z_*]+>).)+/gs), ({ 0: text, index }) => ({
    at: index,
    text,
    differs: /^<[a-z_*]+>$/.test(text),
  }));
}

/** The longest stretches without anything that differs, as phrases: what a search for the pattern's logs looks for. */
function wordsOf(pattern: string): string {
  return pattern
    .split(/<[a-z_*]+>/)
    .map((part) => part.replace(/["\\]/g, ' ').replace(/\s+/g, ' ').trim())
    .filter((part) => /\p{L}{2}/u.test(part))
    .slice(0, 6)
    .map((part) => `"${part}"`)
    .join(' ');
}

function LevelBar({ levels }: { readonly levels: Readonly<Partial<Record<Level, number>>> }) {
  const total = LEVELS.reduce((sum, level) => sum + (levels[level] ?? 0), 0);
  const said = LEVELS.filter((level) => (levels[level] ?? 0) > 0).map(
    (level) => `${level} ${whole(levels[level] ?? 0)}`,
  );
  return (
    <span
      role="img"
      aria-label={said.join(', ')}
      title={said.join(', ')}
      className="mt-1.5 flex h-2 w-20 overflow-hidden rounded-full"
    >
      {LEVELS.map((level) => (
        <span
          key={level}
          style={{
            width: `${((levels[level] ?? 0) / Math.max(1, total)) * 100}%`,
            background: `var(${LEVEL_COLOURS[level]})`,
          }}
        />
      ))}
    </span>
  );
}
