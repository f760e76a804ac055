import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** By their full names: plain `z` would also mean whatever a minified package calls so. */
const PURE = ['object', 'strictObject', 'string', 'number', 'array', 'optional', 'enum', 'regex'].map(
  (name) => `z.${name}`,
);

/** Beside each asset what the bot serves to browsers that take it compressed: once, as small as it gets. */
const compressed: Plugin = {
  name: 'compressed-assets',
  writeBundle({ dir = '' }) {
    const assets = join(dir, 'assets');
    for (const name of readdirSync(assets).filter((file) => /\.(?:js|css)$/.test(file))) {
      const content = readFileSync(join(assets, name));
      writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content));
      writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }));
    }
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The bot may live below a path of its own: nothing may be addressed from the root.
  base: './',
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    // The published files are ES5 with a copy of every helper in each; their TypeScript beside them is half as big.
    alias: [
      { find: /^matrix-widget-api\/lib\/(.*)$/, replacement: 'matrix-widget-api/src/$1.ts' },
      { find: /^events$/, replacement: fileURLToPath(new URL('src/host/events.ts', import.meta.url)) },
    ],
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the Content-Security-Policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rolldownOptions: {
      // Schemas of common/ that only the bot uses are left out.
      treeshake: { manualPureFunctions: PURE },
      output: {
        // matrix-widget-api logs every message, OpenID tokens included.
        minify: { compress: { dropConsole: true }, mangle: true, codegen: true },
      },
    },
  },
});
