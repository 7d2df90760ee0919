import { type KeyboardEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useApi } from '../api/use-api.ts';
import { Dialog } from '../ui/dialog.tsx';
import { PAGES } from './pages.ts';

interface Target {
  readonly label: string;
  readonly kind: string;
  readonly href: string;
}

const MOST_SHOWN = 9;

function targetsFor(text: string, services: readonly string[]): readonly Target[] {
  const typed = text.trim();
  const all: Target[] = [
    ...PAGES.map(({ title, path }) => ({ label: title, kind: 'Page', href: path })),
    ...services.map((service) => ({
      label: service,
      kind: 'Logs of a service',
      href: `/logs?service=${encodeURIComponent(service)}`,
    })),
  ];
  const found = all.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase()));
  if (typed === '') return found.slice(0, MOST_SHOWN);
  return [
    ...found.slice(0, MOST_SHOWN - 2),
    { label: typed, kind: 'Search the logs', href: `/logs?q=${encodeURIComponent(typed)}` },
    { label: typed, kind: 'Open the trace', href: `/traces/${encodeURIComponent(typed)}` },
  ];
}

/** Type where to go: a page, a service, words in the logs, a trace's id. */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [, navigate] = useLocation();
  const { data } = useApi('/api/services', { query: { limit: 500 } });
  const targets = targetsFor(text, data?.data.map(({ service }) => service) ?? []);
  const go = (target: Target | undefined) => {
    if (target === undefined) return;
    onClose();
    navigate(target.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((chosen + step + targets.length) % targets.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(targets[chosen]);
    }
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        className="input"
        role="combobox"
        aria-label="A page, a service, words, a trace"
        aria-expanded="true"
        aria-controls="palette-targets"
        aria-activedescendant={`palette-${chosen}`}
        placeholder="A page, a service, words, a trace…"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="palette-targets" role="listbox" aria-label="Where to" className="mt-2">
        {targets.map((target, index) => (
          <div
            key={`${target.kind} ${target.label}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className="flex cursor-pointer items-baseline justify-between gap-4 rounded-sm px-2.5 py-1.5 hover:bg-hover aria-selected:bg-accent-soft"
            onClick={() => go(target)}
            onKeyDown={onKeyDown}
          >
            <span className="truncate">{target.label}</span>
            <span className="shrink-0 text-xs text-ink-3">{target.kind}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
