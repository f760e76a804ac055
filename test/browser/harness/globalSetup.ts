// Before any browser test: Synapse, Chromium, the widget and the client page are there. Fails the run if one can't be.
import { buildClientPage } from '../../client/clientPage.ts';
import { ensureSynapse } from '../../harness/synapseInstall.ts';
import { provideTestFolder } from '../../harness/testFolder.ts';
import { ensureChromium } from './chromium.ts';
import { buildWidget } from './npmBuild.ts';

export default async function setup(): Promise<() => void> {
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  await Promise.all([
    ensureSynapse({ onProgress }),
    ensureChromium(onProgress),
    buildWidget(),
    buildClientPage(),
  ]);
  return provideTestFolder();
}
