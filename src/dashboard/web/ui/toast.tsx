import { X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Button } from './button.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'ok' | 'error';
}

/** How long what went well is told. What failed stays until it is closed. */
const SHOWN_MS = 4000;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number) => set(toasts.filter((toast) => toast.id !== id));

/** Says in a corner what has just been done, or why it was not. */
export function toast(text: string, tone: Toast['tone'] = 'ok'): void {
  const id = nextId++;
  set([...toasts, { id, text, tone }]);
  if (tone === 'ok') setTimeout(() => dismiss(id), SHOWN_MS);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div role="status" className="fixed end-4 bottom-4 z-50 grid max-w-sm gap-2">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className="menu flex items-start gap-3 py-2 ps-3 pe-1.5">
          <p className={`py-0.5 ${tone === 'error' ? 'text-error' : ''}`}>{text}</p>
          <Button kind="ghost" size="small" icon={X} label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
