import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/** Parameters of the address; an empty or missing one is left out of it. */
export type UrlParams = Readonly<Record<string, string | undefined>>;

/** What a search string says: each name once, the last wins. */
export function readSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search));
}

/** `?a=1&b=2` of what is set; empty when nothing is. */
export function writeSearch(params: UrlParams): string {
  const set = Object.entries(params).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}

interface ChangeOptions {
  /** A step that the back button should undo; else it replaces the address. */
  readonly step?: boolean;
}

/**
 * The state of a view is its address: reloading, the back button and a link sent to a colleague all bring it back.
 * `change` sets the parameters it is given and leaves the others.
 */
export function useUrlState() {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const change = useCallback(
    (changes: UrlParams, { step = false }: ChangeOptions = {}) => {
      // Of this moment, not of the last drawing: two changes in one turn must not undo each other.
      const next = { ...readSearch(location.search), ...changes };
      navigate(`${path}${writeSearch(next)}`, { replace: !step });
    },
    [path, navigate],
  );
  return { params: readSearch(search) as UrlParams, change };
}
