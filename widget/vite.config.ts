import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** Full names: a plain `z` could also match a name in a minified package. */
const PURE = ['object', 'strictObject', 'string', 'number', 'array', 'optional', 'enum', 'regex'].map(
  (name) => `z.${name}`,
);

/** Writes a compressed copy of each asset, at the highest level, for the bot to serve. */
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
  // The bot may be served below a path: all URLs are relative.
  base: './',
  plugins: [compressed],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    // The published files are ES5 with a copy of every helper; the TypeScript sources next to them are half as large.
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
      // Drops schemas of common/ that only the bot uses.
      treeshake: { manualPureFunctions: PURE },
      output: {
        // matrix-widget-api logs every message, OpenID tokens included.
        minify: { compress: { dropConsole: true }, mangle: true, codegen: true },
      },
    },
  },
});
