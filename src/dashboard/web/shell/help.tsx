import { Dialog } from '../ui/dialog.tsx';
import { PAGES } from './pages.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['?', 'These shortcuts'],
  ['Ctrl K', 'Go to a page, a service, a trace'],
  ['r', 'Refresh'],
  ['/', 'Search'],
  ['j', 'Next row'],
  ['k', 'Previous row'],
  ['Enter', 'Open the row'],
  ['t', 'Live tail on and off (Logs)'],
  ['p', 'Pause the live tail (Logs)'],
];

/** What the keys do. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  const pages = PAGES.map(({ key, title }) => [`g ${key}`, title] as const);
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        <KeyList title="Everywhere" keys={KEYS} />
        <KeyList title="Go to" keys={pages} />
      </div>
    </Dialog>
  );
}

function KeyList({ title, keys }: { readonly title: string; readonly keys: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h3 className="eyebrow pb-1.5">{title}</h3>
      <dl className="grid gap-1.5">
        {keys.map(([key, what]) => (
          <div key={key} className="flex items-center justify-between gap-4">
            <dt>{what}</dt>
            <dd className="flex shrink-0 gap-1">
              {key.split(' ').map((part) => (
                <kbd key={part} className="key">
                  {part}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
