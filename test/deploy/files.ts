import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What a YAML file says, its documents one after the other. Fails where it is no valid YAML. */
export function documentsIn<T>(path: string): T[] {
  return parseAllDocuments(read(path), { merge: true, uniqueKeys: true }).map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw new Error(`${path}: ${fault.message}`);
    return document.toJS() as T;
  });
}
