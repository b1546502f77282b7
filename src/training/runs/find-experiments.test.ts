import { describe, expect, it } from 'vitest';
import { findExperiments, lineOfExperiment } from './find-experiments';

describe('findExperiments', () => {
  it('finds exports with their lines, typed and default ones too', () => {
    const source = [
      "import { experiment } from 'transfer-lab';",
      'export const first = experiment({',
      '});',
      'export const second: Experiment =',
      '  experiment({});',
      'export default lab.experiment({});',
    ].join('\n');
    expect(findExperiments(source)).toEqual([
      { name: 'first', line: 2 },
      { name: 'second', line: 4 },
      { name: 'default', line: 6 },
    ]);
  });

  it('is not misled by comments and strings', () => {
    const source = [
      '// export const a = experiment({})',
      '/* export const b = experiment({}) */',
      "const text = 'export const c = experiment({})';",
      'const more = `export const d = experiment({}) ${1}`;',
      'const hidden = experiment({});',
      'export const url = "http://x"; export const real = experiment({});',
    ].join('\n');
    expect(findExperiments(source)).toEqual([{ name: 'real', line: 6 }]);
  });

  it('knows the line of an experiment that is exported elsewhere', () => {
    expect(lineOfExperiment('\nconst a = experiment({});\nexport { a };', 'a')).toBe(2);
    expect(lineOfExperiment('', 'a')).toBe(1);
  });
});
