// Before any suite starts: Synapse is there, so that no test waits for an installation. Fails the run if it can't be.
import type { TestProject } from 'vitest/node';
import { ensurePrerequisitesOf } from './prerequisites.ts';
import { ensureSynapse } from './synapseInstall.ts';
import { provideTestFolder } from './testFolder.ts';

export default async function setup(project: TestProject): Promise<() => void> {
  await ensurePrerequisitesOf(project);
  await ensureSynapse({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  return provideTestFolder();
}
