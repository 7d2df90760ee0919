import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { Menu, Monitor, Moon, RefreshCw, Search, Sun } from 'lucide-react';
import { nextTheme, useTheme } from '../lib/theme.ts';
import { Button } from '../ui/button.tsx';
import type { Page } from './pages.ts';
import { RangePicker } from './range-picker.tsx';

interface TopBarProps {
  readonly page: Page | undefined;
  readonly onMenu: () => void;
  readonly onPalette: () => void;
}

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };
const THEME_WORDS = { system: 'as the system', light: 'light', dark: 'dark' };

export function TopBar({ page, onMenu, onPalette }: TopBarProps) {
  const client = useQueryClient();
  const fetching = useIsFetching() > 0;
  const theme = useTheme();
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-canvas px-4 max-sm:px-3">
      <Button kind="ghost" icon={Menu} label="Menu" className="-ms-1.5 lg:hidden" onClick={onMenu} />
      <h1 className="me-auto truncate text-lg font-medium">{page?.title ?? 'Lightwatch'}</h1>
      <Button kind="ghost" icon={Search} label="Go to… (Ctrl K)" onClick={onPalette} />
      {page?.ranged === true && <RangePicker />}
      <Button
        kind="ghost"
        icon={RefreshCw}
        label="Refresh (r)"
        className={fetching ? 'fetching' : ''}
        onClick={() => client.invalidateQueries()}
      />
      <Button kind="ghost" icon={THEME_ICONS[theme]} label={`Theme: ${THEME_WORDS[theme]}`} onClick={nextTheme} />
    </header>
  );
}
