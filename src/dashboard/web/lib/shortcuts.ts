import { useEffect } from 'react';

/** What a key does. A name is one key (`/`, `t`), or two in a row (`g i`). */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** How long the first key of a pair waits for the second. */
const PAIR_WITHIN_MS = 1200;

let pending = '';
let pendingAt = 0;
const layers: Shortcuts[] = [];

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** What Enter presses by itself. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, summary') !== null;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === 'Enter' && isPressed(event.target)) return;
  if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
  const pair = pending !== '' && event.timeStamp - pendingAt < PAIR_WITHIN_MS ? `${pending} ${event.key}` : undefined;
  pending = '';
  const run = (name: string) => layers.findLast((layer) => name in layer)?.[name];
  const action = (pair !== undefined ? run(pair) : undefined) ?? run(event.key);
  if (action !== undefined) {
    event.preventDefault();
    action();
  } else if (layers.some((layer) => Object.keys(layer).some((name) => name.startsWith(`${event.key} `)))) {
    pending = event.key;
    pendingAt = event.timeStamp;
  }
}

addEventListener('keydown', onKeyDown);

/** Adds shortcuts while the component is there; those of a later one go before those of an earlier. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    layers.push(shortcuts);
    return () => {
      layers.splice(layers.indexOf(shortcuts), 1);
    };
  }, [shortcuts]);
}
