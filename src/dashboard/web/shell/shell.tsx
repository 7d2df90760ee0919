import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useMemo, useState } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useSignInNeeded } from '../api/credential.ts';
import { useShortcuts } from '../lib/shortcuts.ts';
import { EmptyState, SkeletonRows } from '../ui/states.tsx';
import { Toasts } from '../ui/toast.tsx';
import { Fence } from './fence.tsx';
import { Help } from './help.tsx';
import { PAGES, pageOf } from './pages.ts';
import { Palette } from './palette.tsx';
import { Sidebar } from './sidebar.tsx';
import { SignIn } from './sign-in.tsx';
import { TopBar } from './top-bar.tsx';

/** What is around every page: where one is, where one can go, and the keys. */
export function Shell() {
  const signInNeeded = useSignInNeeded();
  return signInNeeded ? <SignIn /> : <Pages />;
}

function Pages() {
  const [path, navigate] = useLocation();
  const client = useQueryClient();
  const [over, setOver] = useState<'menu' | 'help' | 'palette'>();
  const page = pageOf(path);
  const close = () => setOver(undefined);

  useEffect(() => {
    document.title = page === undefined ? 'Lightwatch' : `${page.title} · Lightwatch`;
  }, [page]);

  const shortcuts = useMemo(
    () => ({
      '?': () => setOver('help'),
      r: () => void client.invalidateQueries(),
      ...Object.fromEntries(PAGES.map((target) => [`g ${target.key}`, () => navigate(target.path)])),
    }),
    [client, navigate],
  );
  useShortcuts(shortcuts);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== 'k') return;
      event.preventDefault();
      setOver('palette');
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      <a href="#main" className="button fixed start-2 -top-20 z-50 focus:top-2">
        Skip to the content
      </a>
      <Sidebar open={over === 'menu'} onClose={close} />
      <div className="lg:ps-54">
        <TopBar page={page} onMenu={() => setOver('menu')} onPalette={() => setOver('palette')} />
        <main id="main" tabIndex={-1} className="outline-none">
          <Fence key={path}>
            <Suspense fallback={<SkeletonRows />}>
              <Views />
            </Suspense>
          </Fence>
        </main>
      </div>
      {over === 'help' && <Help onClose={close} />}
      {over === 'palette' && <Palette onClose={close} />}
      <Toasts />
    </>
  );
}

function Views() {
  return (
    <Switch>
      {PAGES.flatMap((page) => [page, ...(page.below ?? [])]).map(({ path, view: View }) => (
        <Route key={path} path={path}>
          <View />
        </Route>
      ))}
      <Route>
        <EmptyState title="There is no such page">
          The address is wrong, or this server does not have it yet.
        </EmptyState>
      </Route>
    </Switch>
  );
}
