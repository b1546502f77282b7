import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine } from './engine/engine';
import type { Engine } from './engine/types';
import { memoryContext } from './testing/memory-context';
import { tiny } from './testing/tiny-run';
import { useTinyWorkshop } from './testing/use-tiny-workshop';
import { train } from './trainer';
import { choosePreprocessing, IMAGENET } from './weights/preprocessing';

let engine: Engine;
const workshop = useTinyWorkshop();
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.dispose());

it('the configuration that a run keeps says how pictures were prepared, and which classes there are', async () => {
  const context = memoryContext(engine, workshop.folder);
  await train(tiny({ epochs: 1 }), context);
  const config = context.best?.config;
  expect(config).toMatchObject({
    classNames: ['blue', 'green', 'red'],
    imageSize: 32,
    architecture: 'resnet18',
  });
  expect(choosePreprocessing({ 'config.json': config }, 'best')).toEqual(IMAGENET);
});
