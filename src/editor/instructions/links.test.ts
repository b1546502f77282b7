import { describe, expect, it } from 'vitest';
import { linkTarget, pathInside, picturePath } from './links';

const exercise = {
  entry: 'experiment.ts',
  tasks: [{ id: 'last-stage', title: 'Train the last stage', hints: [] }],
};
const action = (value: unknown) => ({ kind: 'action', action: value });

describe('where a link of a README leads', () => {
  it.each([
    ['experiment.ts#fine-tune=wholeNetwork', action({ action: 'fineTune', experiment: 'wholeNetwork' })],
    ['./experiment.ts#compare=größe', action({ action: 'compare', experiment: 'größe' })],
    ['experiment.ts#compare=gr%C3%B6%C3%9Fe', action({ action: 'compare', experiment: 'größe' })],
    ['experiment.ts#check', action({ action: 'check' })],
    ['experiment.ts#solution', action({ action: 'solution' })],
    ['experiment.ts#report', action({ action: 'handIn' })],
    ['experiment.ts#hint=last-stage', action({ action: 'hint', task: 'last-stage' })],
    ['experiment.ts#task=last-stage', action({ action: 'openTask', task: 'last-stage' })],
    ['experiment.ts', { kind: 'file', path: 'experiment.ts' }],
    ['experiment.ts#L12', { kind: 'file', path: 'experiment.ts', line: 12 }],
    ['data/emoji-10/README.md#licence', { kind: 'file', path: 'data/emoji-10/README.md' }],
    ['my%20notes.md', { kind: 'file', path: 'my notes.md' }],
    ['#what-to-look-at', { kind: 'place', id: 'what-to-look-at' }],
    ['https://www.tensorflow.org/js', { kind: 'outside', url: 'https://www.tensorflow.org/js' }],
  ])('%s', (href, target) => {
    expect(linkTarget(href, exercise)).toEqual(target);
  });

  it.each([
    ['javascript:alert(1)'],
    ['JaVaScRiPt:alert(1)'],
    ['data:text/html,<script>alert(1)</script>'],
    ['vbscript:x'],
    ['file:///etc/passwd'],
    ['command:workbench.action.terminal.new'],
    ['command:transferLab.fineTune?%7B%22experiment%22%3A%22wholeNetwork%22%7D'],
    ['vscode://publisher.extension/run'],
    ['http://example.org/'],
    ['https://'],
    ['mailto:a@b.c'],
    ['//example.org/x'],
    ['\\\\server\\share'],
    ['/etc/passwd'],
    ['C:/Windows/win.ini'],
    ['../other/secret.txt'],
    ['data/../../secret.txt'],
    ['%2e%2e/secret.txt'],
    ['%2fetc/passwd'],
    ['..\\secret.txt'],
    ['a%00b'],
    ['%E0%A4%A'],
    ['.'],
    [''],
    ['#'],
    ['experiment.ts#fine-tune'],
    ['experiment.ts#fine-tune='],
    ['experiment.ts#fine-tune=a b'],
    ['experiment.ts#fine-tune=../../x'],
    [`experiment.ts#fine-tune=${'x'.repeat(101)}`],
    ['experiment.ts#hint=another-task'],
    ['experiment.ts#check=now'],
    ['experiment.ts#delete'],
    ['experiment.ts#constructor'],
    ['experiment.ts#__proto__=x'],
  ])('%s leads nowhere', (href) => {
    expect(linkTarget(href, exercise)).toBeUndefined();
  });

  it('to another file asks for nothing, whatever stands behind its #', () => {
    expect(linkTarget('other.ts#fine-tune=x', exercise)).toEqual({ kind: 'file', path: 'other.ts' });
  });
});

describe('pictures of a README', () => {
  it.each([
    ['images/curve.png', 'images/curve.png'],
    ['images/a%20b.SVG', 'images/a b.SVG'],
    ['./a/../b.webp', 'b.webp'],
  ])('%s is one', (src, path) => {
    expect(picturePath(src)).toBe(path);
  });
  it.each([
    ['https://example.org/pixel.png'],
    ['data:image/svg+xml,<svg onload=alert(1)>'],
    ['../secret.png'],
    ['experiment.ts'],
    ['/x.png'],
  ])('%s is none', (src) => {
    expect(picturePath(src)).toBeUndefined();
  });
  it('a path that names the folder itself is none', () => {
    expect(pathInside('a/..')).toBeUndefined();
  });
});
