import { expect, it } from 'vitest';
import { localFile } from './local-file';

it.each([
  ['file', '/home/ann/crab.png', '/home/ann/crab.png'],
  ['file', 'c:\\pictures\\crab.png', 'c:\\pictures\\crab.png'],
  ['vscode-remote', '/home/ann/crab.png', '/home/ann/crab.png'],
  ['https', '/crab.png', undefined],
  ['untitled', 'crab.png', undefined],
  ['file', '\\\\server\\share\\crab.png', undefined],
  ['file', '//server/share/crab.png', undefined],
])('an address of scheme %s with the path %s means %s', (scheme, fsPath, expected) => {
  expect(localFile({ scheme, fsPath })).toBe(expected);
});
