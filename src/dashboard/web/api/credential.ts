import { useSyncExternalStore } from 'react';

/** Of this tab alone, and gone with it. */
const KEY = 'lightwatch.credential';
const listeners = new Set<() => void>();
let needed = false;

/** The key or token that requests carry; undefined on an open server. */
export const credential = (): string | undefined => sessionStorage.getItem(KEY) ?? undefined;

/** Keeps what the server has accepted. */
export function signIn(text: string): void {
  sessionStorage.setItem(KEY, text);
  setNeeded(false);
}

/** Forgets the credential and asks for another. */
export function signOut(): void {
  sessionStorage.removeItem(KEY);
  setNeeded(true);
}

function setNeeded(value: boolean): void {
  needed = value;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the server has refused to answer without a (better) credential. */
export const useSignInNeeded = (): boolean => useSyncExternalStore(subscribe, () => needed);
