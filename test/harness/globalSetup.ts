// Before any suite starts: Synapse is there, so that no test waits for an installation. Fails the run if it can't be.
import { ensureSynapse } from './synapseInstall.ts';
import { provideTestFolder } from './testFolder.ts';

export default async function setup(): Promise<() => void> {
  await ensureSynapse({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  return provideTestFolder();
}
