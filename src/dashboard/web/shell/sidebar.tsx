import { LogOut, X } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import { credential, signOut } from '../api/credential.ts';
import { useApi } from '../api/use-api.ts';
import { Button } from '../ui/button.tsx';
import { Mark } from './mark.tsx';
import { PAGES, pageOf } from './pages.ts';

const GROUPS = ['Watch', 'Respond', 'Arrange'] as const;

interface SidebarProps {
  /** On a narrow screen: whether it lies over the page. */
  readonly open: boolean;
  readonly onClose: () => void;
}

export function Sidebar({ open, onClose }: SidebarProps) {
  const [path] = useLocation();
  const current = pageOf(path);
  return (
    <>
      {open && (
        <button
          type="button"
          aria-label="Close the menu"
          className="fixed inset-0 z-30 bg-[#0008] lg:hidden"
          onClick={onClose}
        />
      )}
      <nav
        aria-label="Pages"
        className={`fixed inset-y-0 start-0 z-40 flex w-54 flex-col overflow-y-auto border-e border-line bg-canvas px-2.5 pb-3 max-lg:transition-transform ${open ? '' : 'max-lg:invisible max-lg:-translate-x-full'}`}
      >
        <div className="flex h-12 shrink-0 items-center justify-between ps-2">
          <Link href="/" className="flex items-center gap-2 text-base font-semibold tracking-tight" onClick={onClose}>
            <Mark />
            Lightwatch
          </Link>
          <Button kind="ghost" size="small" icon={X} label="Close the menu" className="lg:hidden" onClick={onClose} />
        </div>
        {GROUPS.map((group) => {
          const pages = PAGES.filter((page) => page.group === group);
          return pages.length === 0 ? null : (
            <div key={group} className="mt-3">
              <p className="eyebrow px-2 pb-1">{group}</p>
              <ul>
                {pages.map(({ path: href, title, icon: Icon }) => (
                  <li key={href}>
                    <Link
                      href={href}
                      onClick={onClose}
                      aria-current={current?.path === href ? 'page' : undefined}
                      className="flex h-7.5 items-center gap-2.5 rounded-md px-2 text-ink-2 hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
                    >
                      <Icon size={15} strokeWidth={1.8} aria-hidden="true" />
                      {title}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
        <Foot />
      </nav>
    </>
  );
}

function Foot() {
  const { data } = useApi('/api/stats', { everyMs: 60_000 });
  return (
    <div className="mt-auto flex items-center justify-between px-2 pt-6 text-xs text-ink-3">
      <span>{data === undefined ? '' : `Version ${data.version}`}</span>
      {credential() !== undefined && (
        <Button kind="ghost" size="small" icon={LogOut} label="Sign out" onClick={signOut} />
      )}
    </div>
  );
}
