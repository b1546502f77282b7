import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLE, bundleText, textsOf } from './l10n.mjs';

const root = join(import.meta.dirname, '..');
const json = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'));

describe('texts for translators', () => {
  it('the bundle holds every text of the editor side: else run "node tools/l10n.mjs"', () => {
    expect(readFileSync(BUNDLE, 'utf8')).toBe(bundleText());
  });
  it('are found however the translation is called', () => {
    const source = "vscode.l10n.t('a'); const { t } = vscode.l10n; t('b {0}', 1); l10n.t(`c`); set('d');";
    expect(textsOf(source, 'x.ts')).toEqual(['a', 'b {0}', 'c']);
  });
  it('a text that is put together first is refused, with its line', () => {
    expect(() => textsOf('\nt(`a ${b}`);', 'x.ts')).toThrow('x.ts:2');
  });
});

describe('texts of the manifest', () => {
  const manifest = json('package.json') as Record<string, unknown> & { contributes: unknown };
  const texts = json('package.nls.json') as Record<string, string>;
  const SHOWN = new Set(['title', 'description', 'markdownDescription', 'contents', 'name', 'label']);
  /** Names of the product are the same in every language. */
  const NAMES = new Set(['Transfer Lab']);

  const shown = (value: unknown): string[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, inside]) =>
          typeof inside === 'string' ? (SHOWN.has(key) ? [inside] : []) : shown(inside),
        );
  const all = [
    String(manifest['description']),
    ...shown(manifest['capabilities']),
    ...shown(manifest.contributes),
  ];

  it('are all keys of package.nls.json', () => {
    const unknown = all.filter(
      (text) => !NAMES.has(text) && texts[/^%(.+)%$/.exec(text)?.[1] ?? ''] === undefined,
    );
    expect(unknown).toEqual([]);
  });
  it('are all used', () => {
    expect(Object.keys(texts).filter((key) => !all.includes(`%${key}%`))).toEqual([]);
  });
});
