import { describe, expect, it } from 'vitest';
import { Joined } from './joined';

describe('work that is asked for twice', () => {
  it('is done once while it goes on, and again when it is over', async () => {
    const joined = new Joined();
    let begun = 0;
    let end = (): void => undefined;
    const work = (): Promise<void> => {
      begun++;
      return new Promise((resolve) => (end = resolve));
    };
    const both = [joined.do('a', work), joined.do('a', work)];
    expect(begun).toBe(1);
    end();
    await Promise.all(both);
    const again = joined.do('a', work);
    expect(begun).toBe(2);
    end();
    await again;
  });

  it('is done for each key', async () => {
    const joined = new Joined();
    const done: string[] = [];
    await Promise.all(['a', 'b'].map((key) => joined.do(key, () => Promise.resolve(void done.push(key)))));
    expect(done).toEqual(['a', 'b']);
  });

  it('fails for both who asked, and can be tried again', async () => {
    const joined = new Joined();
    const fail = (): Promise<void> => Promise.reject(new Error('no room'));
    const both = await Promise.allSettled([joined.do('a', fail), joined.do('a', fail)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(joined.do('a', () => Promise.resolve())).resolves.toBeUndefined();
  });
});
