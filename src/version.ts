import { readFileSync } from 'node:fs';
import { ROOT } from './root.ts';

/** Lightwatch's own version, from the package it was installed as. */
export const VERSION = readVersion(new URL('package.json', ROOT));

function readVersion(packageJson: URL): string {
  const { version }: { version?: unknown } = JSON.parse(readFileSync(packageJson, 'utf8'));
  if (typeof version !== 'string') throw new Error(`BUG: ${packageJson.pathname} has no version`);
  return version;
}
