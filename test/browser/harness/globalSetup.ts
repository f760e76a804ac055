// Before any browser test: Synapse, Chromium, the widget and the client page are there. Fails the run if one can't be.
import type { TestProject } from 'vitest/node';
import { buildClientPage } from '../../client/clientPage.ts';
import { ensurePrerequisitesOf } from '../../harness/prerequisites.ts';
import { ensureSynapse } from '../../harness/synapseInstall.ts';
import { provideTestFolder } from '../../harness/testFolder.ts';
import { buildWidget } from './npmBuild.ts';

export default async function setup(project: TestProject): Promise<() => void> {
  await ensurePrerequisitesOf(project);
  return await prepare();
}

/** All but the programs of the machine. Returns what is to be called at the end. */
export async function prepare(): Promise<() => void> {
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  await Promise.all([ensureSynapse({ onProgress }), buildWidget(), buildClientPage()]);
  return provideTestFolder();
}
