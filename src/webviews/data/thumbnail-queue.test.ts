import { describe, expect, it } from 'vitest';
import { THUMBNAILS_PER_ANSWER, ThumbnailQueue } from './thumbnail-queue';

describe('small pictures', () => {
  it('that are asked for at once, or while an answer is on its way, come together', async () => {
    const asked: (readonly string[])[] = [];
    const answers: (() => void)[] = [];
    const queue = new ThumbnailQueue(async (files) => {
      asked.push(files);
      await new Promise<void>((resolve) => answers.push(resolve));
      return files.map((file) => `of ${file}`);
    });
    const first = [queue.ask('a'), queue.ask('b'), queue.ask('a')];
    await Promise.resolve();
    const later = [queue.ask('c'), queue.ask('d')];
    answers[0]?.();
    expect(await Promise.all(first)).toEqual(['of a', 'of b', 'of a']);
    await Promise.resolve();
    answers[1]?.();
    expect(await Promise.all(later)).toEqual(['of c', 'of d']);
    expect(asked).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('come in parts where there are many, and an answer that fails leaves the others', async () => {
    let calls = 0;
    const queue = new ThumbnailQueue((files) =>
      ++calls === 1 ? Promise.reject(new Error('lost')) : Promise.resolve(files.map(() => 'found')),
    );
    const many = Array.from({ length: THUMBNAILS_PER_ANSWER + 1 }, (_, index) => queue.ask(String(index)));
    const found = await Promise.all(many);
    expect(found.filter((address) => address === undefined)).toHaveLength(THUMBNAILS_PER_ANSWER);
    expect(found.at(-1)).toBe('found');
  });
});
