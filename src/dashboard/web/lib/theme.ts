import { useSyncExternalStore } from 'react';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'lightwatch.theme';
const listeners = new Set<() => void>();
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return THEMES.find((theme) => theme === kept) ?? 'system';
}

/** Brings the document to the theme that was chosen. Called once before anything is drawn, and on every change. */
export function applyTheme(): void {
  const theme = read();
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

export function nextTheme(): void {
  localStorage.setItem(KEY, THEMES[(THEMES.indexOf(read()) + 1) % THEMES.length] ?? 'system');
  applyTheme();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  systemIsDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemIsDark.removeEventListener('change', listener);
  };
}

/** What was chosen. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, read);

/** What is seen: charts, which draw their own colours, are drawn again when it changes. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => {
    const theme = read();
    return theme === 'system' ? systemIsDark.matches : theme === 'dark';
  });
}
