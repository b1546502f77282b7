import { describe, expect, it } from 'vitest';
import { chooseNode, findNode } from './choose-node';
import type { NodeCandidate } from './choose-node';

const setting: NodeCandidate = { origin: 'setting', path: '/own/node', version: 'v22.1.0' };
const onPath: NodeCandidate = { origin: 'path', path: '/bin/node', version: 'v20.19.0' };
const editor: NodeCandidate = { origin: 'editor', path: '/code', version: 'v24.18.0' };

describe('chooseNode', () => {
  it('prefers setting to PATH to the editor, in any order of candidates', () => {
    expect(chooseNode([editor, onPath, setting])).toMatchObject({ path: '/own/node', asElectron: false });
    expect(chooseNode([editor, onPath])).toMatchObject({ path: '/bin/node', asElectron: false });
    expect(chooseNode([editor])).toMatchObject({ path: '/code', asElectron: true });
  });

  it.each(['v18.20.0', 'v20.18.3', 'v8.0.0', undefined])('passes over %s on the PATH', (version) => {
    const old: NodeCandidate = {
      origin: 'path',
      path: '/bin/node',
      ...(version === undefined ? {} : { version }),
    };
    expect(chooseNode([old, editor]).path).toBe('/code');
  });

  it('does not pass over a setting that cannot work', () => {
    const broken: NodeCandidate = { origin: 'setting', path: '/own/node' };
    expect(() => chooseNode([broken, onPath])).toThrow(
      'The setting names /own/node as Node.js, which did not start.',
    );
  });

  it('says what was tried when nothing is left', () => {
    expect(() => chooseNode([{ ...onPath, version: 'v18.0.0' }])).toThrow(
      '/bin/node (which is version 18.0.0)',
    );
    expect(() => chooseNode([])).toThrow('No Node.js');
  });

  it('finds the Node that runs this test when it is set', async () => {
    expect(await findNode({ setting: process.execPath })).toMatchObject({ version: process.version });
    await expect(findNode({ setting: '/nowhere/node' })).rejects.toThrow('did not start');
  });
});
