import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Two experiments on the shipped pictures: one that ends in seconds, one that a test has to end. */
export const EXPERIMENTS = `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';

export const headOnly = experiment({
  data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.featureExtraction(),
  epochs: 3,
  batchSize: 16,
  seed: 1,
});

export const long = experiment({
  data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded' }),
  strategy: strategies.wholeModel(),
  epochs: 500,
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
  include: ['*.ts'],
};

/** What a learner has after scaffolding, with code in it. */
export async function fillLearnerFolder(root: string, folder: string): Promise<void> {
  await cp(join(root, 'dist/types'), join(folder, '.transfer-lab/types'), { recursive: true });
  await cp(join(root, 'media/data/emoji-10'), join(folder, 'data/emoji-10'), { recursive: true });
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG, undefined, 2));
  await writeFile(join(folder, 'experiment.ts'), EXPERIMENTS);
}
