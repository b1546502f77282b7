import { describe, expect, it } from 'vitest';
import { isHostMessage } from './messages';

const call = (m: unknown, ...a: unknown[]) => ({ t: 'q', m, a });

describe('what the instructions may ask of the editor', () => {
  it.each([
    [call('ready')],
    [call('act', { action: 'fineTune', experiment: 'wholeNetwork' })],
    [call('act', { action: 'hint', task: 'last-stage' })],
    [call('openFile', 'data/emoji-10/README.md', null)],
    [call('openFile', 'experiment.ts', 12)],
    [call('openFinding', 'types')],
    [call('copy', 'const a = 1;')],
    [call('manageTrust')],
  ])('%j', (message) => {
    expect(isHostMessage(message)).toBe(true);
  });
  it.each([
    [null],
    ['ready'],
    [call('executeCommand', 'workbench.action.terminal.new')],
    [call('constructor')],
    [call('act', { action: 'runCommand', command: 'x' })],
    [call('act', { action: 'fineTune', experiment: 'a', file: '/etc/x.ts' })],
    [call('act', { action: 'fineTune', experiment: 'a; b' })],
    [call('act', { action: 'hint', task: '../x' })],
    [call('act', { action: 'check' }, { action: 'check' })],
    [call('openFile', 'x', -1)],
    [call('openFile', { path: 'x' }, null)],
    [call('copy', 'x'.repeat(200_000))],
  ])('not %j', (message) => {
    expect(isHostMessage(message)).toBe(false);
  });
});
