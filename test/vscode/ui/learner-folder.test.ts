import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UiSession, uiSettings } from './context';
import type { Workbench } from './workbench';

const SOURCE = `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';

export const headOnly = experiment({
  data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.featureExtraction(),
  epochs: 2,
  batchSize: 16,
  seed: 1,
});
`;

const CONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'preserve',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    paths: {
      'transfer-lab': ['./.transfer-lab/types/transfer-lab/index.d.ts'],
      '@tensorflow/*': ['./.transfer-lab/types/@tensorflow/*'],
    },
  },
};

suite('a learner’s folder in the editor', () => {
  let session: UiSession;
  let workbench: Workbench;

  suiteSetup(async () => {
    const { root } = uiSettings();
    session = await UiSession.start('Default Dark Modern', async (folder) => {
      await cp(join(root, 'dist/types'), join(folder, '.transfer-lab/types'), { recursive: true });
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
      await writeFile(join(folder, 'experiment.ts'), SOURCE);
    });
    workbench = await session.window();
  });
  teardown(async function () {
    await session.keepEvidence(this.currentTest);
  });
  suiteTeardown(async () => session.end());

  test('completes strategies and finds no error, without an install', async () => {
    await workbench.openFile('experiment.ts');
    const line = SOURCE.split('\n').findIndex((text) => text.includes('strategies.feature')) + 1;
    await workbench.goTo(line, '  strategy: strategies.'.length + 1);
    await workbench.waitForSuggestion('gradualUnfreezing');
    await workbench.screenshot(join(uiSettings().screenshots, 'completion-dark.png'));
    await workbench.page.keyboard.press('Escape');
    await workbench.page.locator('.squiggly-error').waitFor({ state: 'detached' });
  });
});
