#!/usr/bin/env node
// Where the process begins. Plain JavaScript: the cache of compiled code (and stripped types) has to be on before the
// first TypeScript is loaded, or Node loads its type stripper at every start (0.2 s and 10 MB).
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
await import('./main.ts');
