// Writes the documentation that is made from the code: node scripts/write-docs.ts
import { writeFileSync } from 'node:fs';
import { renderConfigurationDoc } from '../bot/config/doc.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderConfigurationDoc());
