#!/usr/bin/env node
// For a container's HEALTHCHECK: asks the bot beside it, whose configuration it reads, how it is. Exit status 0: well.
// Plain JavaScript, for the cache of compiled code: see bot/start.mjs.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)));
const { values } = parseArgs({ options: { config: { type: 'string' } } });
const { askHealth } = await import('./askHealth.ts');
process.exitCode = await askHealth(values.config);
