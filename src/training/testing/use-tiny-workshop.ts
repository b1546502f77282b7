import { afterAll, beforeAll } from 'vitest';
import { makeTinyWorkshop, type TinyWorkshop } from './tiny-run';

/** One tiny workshop for all tests of a file, made before the first and removed after the last. */
export function useTinyWorkshop(): Pick<TinyWorkshop, 'folder'> {
  let workshop: TinyWorkshop | undefined;
  beforeAll(async () => {
    workshop = await makeTinyWorkshop();
  });
  afterAll(() => workshop?.remove());
  return {
    get folder() {
      if (!workshop) throw new Error('The workshop is there once the tests run.');
      return workshop.folder;
    },
  };
}
