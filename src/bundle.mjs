// @ts-check
// Puts the program and what it loads at every start into a few files, dist/bin: to find and read two thousand files one
// by one takes longer than all that a start does after it. Nothing is renamed or shortened, so that a stack can be read.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Stays in node_modules: what is not JavaScript, has files of its own, or is loaded by few and when they need it. */
const EXTERNAL = [
  /^@duckdb\/node-bindings/,
  '@fastify/swagger-ui/package.json',
  '@fastify/swagger',
  'hyparquet-writer',
  'ioredis',
  'mongodb',
  'nodemailer',
  'systeminformation',
  'undici',
];

await build({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'src/main.ts',
    outDir: 'dist/bin',
    target: 'node20',
    minify: false,
    rolldownOptions: {
      external: EXTERNAL,
      output: { entryFileNames: 'lightwatch.js', chunkFileNames: '[name]-[hash].js' },
    },
  },
});
