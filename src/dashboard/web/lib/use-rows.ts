import { useMemo, useState } from 'react';
import { useShortcuts } from './shortcuts.ts';

/** `j` and `k` walk over rows, Enter opens the one that is walked to. */
export function useRows(keys: readonly string[], onOpen: (key: string) => void) {
  const [active, setActive] = useState(-1);
  const shortcuts = useMemo(() => {
    const openActive = () => {
      const key = keys[active];
      if (key !== undefined) onOpen(key);
    };
    return {
      j: () => setActive((index) => Math.min(keys.length - 1, index + 1)),
      k: () => setActive((index) => Math.max(0, index - 1)),
      Enter: openActive,
    };
  }, [keys, active, onOpen]);
  useShortcuts(shortcuts);
  return active < keys.length ? active : -1;
}
