import { describe, expect, it } from 'vitest';
import { scrub } from './scrub';

describe('scrub', () => {
  const home = [{ path: 'C:\\Users\\Zoë Ng', name: '~' }];
  it.each([
    ['C:\\Users\\Zoë Ng\\lab\\a.ts', '~\\lab\\a.ts'],
    [JSON.stringify('C:\\Users\\Zoë Ng\\lab'), '"~\\\\lab"'],
    ['file:///c:/users/zoë ng/lab', 'file:///~/lab'],
    ['C:\\Users\\Zoë Ngo\\lab', 'C:\\Users\\Zoë Ngo\\lab'],
  ])('writes %s as %s', (text, expected) => {
    expect(scrub(text, home)).toBe(expected);
  });

  it('names the longest folder that fits', () => {
    const paths = [
      { path: '/home/ada', name: '~' },
      { path: '/home/ada/work/lab', name: '<workspace>' },
    ];
    expect(scrub('/home/ada/work/lab/x.ts /home/ada/.nvm/node', paths)).toBe('<workspace>/x.ts ~/.nvm/node');
  });

  it('takes the user’s name out elsewhere, too, but not out of words', () => {
    expect(scrub('/mnt/ada/x adapter', [], 'ada')).toBe('/mnt/<user>/x adapter');
  });
});
