import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** Browsers of the last two years: they know `light-dark()`, nesting and `color-mix()`. */
const BROWSERS = ['chrome123', 'edge123', 'firefox128', 'safari17.5'];
/** A Lightwatch for `npm run page`, which serves the sources and passes everything else on. */
const SERVER = 'http://127.0.0.1:3000';
const OTHERS = ['/api', '/ingest', '/health', '/ready', '/stats', '/docs'];

export default defineConfig({
  root: import.meta.dirname,
  publicDir: 'static',
  plugins: [tailwindcss({ optimize: false })],
  build: {
    outDir: '../../../dist/src/dashboard/public',
    emptyOutDir: true,
    target: BROWSERS,
    cssTarget: BROWSERS,
    // The content security policy has no room for data: URLs and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What views have in common comes in one file with the first load: a dozen small ones, asked for once a view is
          // known, would each be waited for. Charts and long lists stay with the views that have them.
          groups: [
            {
              name: 'common',
              test: /dashboard\/web\/(?:api|lib|ui)\/(?!chart-)|node_modules\/(?!uplot|@tanstack\/(?:react-)?virtual)/,
            },
          ],
        },
      },
      onwarn(warning, warn) {
        // `use client` of a library says nothing here: there is no server that renders.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  server: {
    proxy: { ...Object.fromEntries(OTHERS.map((path) => [path, SERVER])), '/ws': { target: SERVER, ws: true } },
  },
});
