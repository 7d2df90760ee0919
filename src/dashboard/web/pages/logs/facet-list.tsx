import type { Level } from '../../../../../schemas/log.ts';
import type { Facets } from '../../api/routes.ts';
import { short, whole } from '../../lib/format.ts';
import { inertLine } from '../../lib/inert.ts';
import { LEVEL_TEXT, LEVELS } from '../../lib/tones.ts';
import type { UrlParams } from '../../lib/url-state.ts';
import { toggled } from './log-query.ts';

const TITLES: Readonly<Record<string, string>> = { service: 'Service', level: 'Level', host: 'Host' };

interface FacetListProps {
  readonly facets: Facets;
  readonly params: UrlParams;
  readonly onChange: (changes: UrlParams) => void;
}

/** The most frequent values of each field, with how many logs have them. A click chooses by one, another lets go of it. */
export function FacetList({ facets, params, onChange }: FacetListProps) {
  return (
    <div className="grid content-start gap-4 p-3">
      {Object.entries(facets.data).map(([field, values]) => {
        const shown = field === 'level' ? inOrder(values) : values;
        const most = Math.max(1, ...shown.map(({ count }) => count));
        const chosen = (params[field] ?? '').split(',');
        return shown.length === 0 ? null : (
          <section key={field} aria-label={TITLES[field] ?? field}>
            <h3 className="eyebrow px-1.5 pb-0.5">{TITLES[field] ?? inertLine(field)}</h3>
            <ul>
              {shown.map(({ value, count }) => (
                <li key={value}>
                  <button
                    type="button"
                    aria-pressed={chosen.includes(value)}
                    title={`${value}: ${whole(count)}`}
                    className="facet"
                    onClick={() => onChange({ [field]: next(field, params[field], value) })}
                  >
                    <span aria-hidden="true" className="facet-share" style={{ width: `${(count / most) * 100}%` }} />
                    <bdi className={`relative truncate ${isLevel(field, value) ? LEVEL_TEXT[value] : ''}`}>
                      {inertLine(value) || '(empty)'}
                    </bdi>
                    <span className="relative text-xs text-ink-3">{short(count)}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

/** Several levels may be chosen; of the others the API takes one. */
function next(field: string, now: string | undefined, value: string): string | undefined {
  if (field === 'level') return toggled(now, value);
  return now === value ? undefined : value;
}

function isLevel(field: string, value: string): value is Level {
  return field === 'level' && (LEVELS as readonly string[]).includes(value);
}

function inOrder(values: Facets['data'][string]): Facets['data'][string] {
  return LEVELS.toReversed().flatMap((level) => values.find(({ value }) => value === level) ?? []);
}
