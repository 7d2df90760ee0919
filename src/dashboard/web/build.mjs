// @ts-check
// Builds the page into dist, unless what is there was made of exactly these sources.
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { globSync } from 'tinyglobby';
import { build } from 'vite';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = join(HERE, '../../..');
const OUT = join(ROOT, 'dist/src/dashboard/public');
/** Beside the page's files, and served to nobody. */
const MARK = join(OUT, '.made-of');
/** Below it a file travels in one packet anyway. */
const COMPRESS_FROM_BYTES = 1400;

const madeOf = await fingerprint();
if ((await readFile(MARK, 'utf8').catch(() => '')) !== madeOf) {
  await build({ configFile: join(HERE, 'vite.config.ts'), logLevel: 'warn' });
  await compress();
  await writeFile(MARK, madeOf);
}

async function fingerprint() {
  const hash = createHash('sha256');
  const sources = globSync(['src/dashboard/**/*', 'package-lock.json'], { cwd: ROOT });
  for (const path of sources.sort()) hash.update(path).update(await readFile(join(ROOT, path)));
  return hash.digest('hex');
}

/** Puts `.br` and `.gz` beside every text, for browsers that take them. */
async function compress() {
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path);
    if (text.length < COMPRESS_FROM_BYTES) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
    await writeFile(`${path}.br`, brotliCompressSync(text, { params }));
    await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
  }
}
