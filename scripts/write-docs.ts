// Writes the documentation that is made from the code: npm run docs
import { writeFileSync } from 'node:fs';
import { renderCommandsDoc } from '../bot/chat/help/commandsDoc.ts';
import { renderConfigurationDoc } from '../bot/config/doc.ts';
import { renderTroubleshootingDoc } from './troubleshooting/render.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('commands.md', docs), renderCommandsDoc());
writeFileSync(new URL('configuration.md', docs), renderConfigurationDoc());
writeFileSync(new URL('troubleshooting.md', docs), renderTroubleshootingDoc());
