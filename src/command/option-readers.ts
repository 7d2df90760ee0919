import { InvalidArgumentError } from 'commander';
import { LIMITS } from '../../schemas/limits.ts';
import { SETTINGS } from '../config.ts';
import { parseDuration } from '../core/duration.ts';
import type { StoreAddress } from './copy.ts';

/** `--server`: an http or https URL, without its last slash. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new InvalidArgumentError('It must be an http or https URL, such as http://127.0.0.1:3000.');
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('It must not hold a user or password; use --api-key or LIGHTWATCH_API_KEY.');
  if (url.search !== '' || url.hash !== '') throw new InvalidArgumentError('It must end with its path.');
  return text.replace(/\/+$/, '');
}

/** A duration such as `15s`, in milliseconds, within bounds that are durations too. */
export function durationWithin(least: string, most: string): (text: string) => number {
  return (text) => {
    const ms = parseDuration(text);
    if (ms === undefined || ms < (parseDuration(least) ?? 0) || ms > (parseDuration(most) ?? 0))
      throw new InvalidArgumentError(`It must be a duration from ${least} to ${most}, such as 15s or 5m.`);
    return ms;
  };
}

const BYTE_UNITS = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3 } as const;

/** A size such as `64MiB`, in bytes. */
export function sizeAtLeast(least: number): (text: string) => number {
  return (text) => {
    const [, number, unit = ''] = /^(\d{1,12})\s*([KMG]i?B)?$/i.exec(text) ?? [];
    const bytes = Number(number) * BYTE_UNITS[unit.toUpperCase() as keyof typeof BYTE_UNITS];
    if (!(bytes >= least))
      throw new InvalidArgumentError(`It must be a size of at least ${least} bytes, such as 64MiB.`);
    return bytes;
  };
}

/** `--tag key=value`, any number of times. */
export function tag(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === '') throw new InvalidArgumentError('It must be key=value.');
  if (key.length > LIMITS.tagKey || value.length > LIMITS.tagValue)
    throw new InvalidArgumentError(`A key has at most ${LIMITS.tagKey} characters, a value ${LIMITS.tagValue}.`);
  const tags = { ...before, [key]: value };
  if (Object.keys(tags).length > LIMITS.tags) throw new InvalidArgumentError(`There are at most ${LIMITS.tags} tags.`);
  return tags;
}

/** `--service`. */
export function serviceName(text: string): string {
  if (text === '' || text.length > LIMITS.service)
    throw new InvalidArgumentError(`A service has a name of 1 to ${LIMITS.service} characters.`);
  return text;
}

/** `--skip`: how many lines. */
export function lineCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** A number, as `--value`. */
export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** `--from` and `--to` of a copy: a URI of MongoDB, or a folder. */
export function storeAddress(text: string): StoreAddress {
  if (!/^mongodb(\+srv)?:/.test(text)) return { mongoUri: undefined, dataDir: SETTINGS.DATA_DIR.read(text) };
  try {
    return { mongoUri: SETTINGS.MONGO_URI.read(text), dataDir: '' };
  } catch (error) {
    throw new InvalidArgumentError(`It ${error instanceof Error ? error.message : String(error)}.`);
  }
}
