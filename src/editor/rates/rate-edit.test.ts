import { describe, expect, it } from 'vitest';
import { planRateEdit, rateLiteral } from './rate-edit';

const IMPORT = "import { experiment, resnet18, strategies } from 'transfer-lab';\n";

function changed(source: string, name = 'first', rate = 5e-4): string {
  const plan = planRateEdit(source, name, rate);
  if (plan.kind === 'refused')
    return `${plan.reason} in line ${source.slice(0, plan.offset).split('\n').length}`;
  const { start, end, text } = plan.edit;
  return source.slice(0, start) + text + source.slice(end);
}
const around = (strategy: string): string =>
  `${IMPORT}export const first = experiment({\n  data,\n  strategy: ${strategy},\n  epochs: 1,\n});\n`;

describe('the learning rate of an experiment', () => {
  it.each([
    ['strategies.wholeModel({ learningRate: 1e-3 })', 'strategies.wholeModel({ learningRate: 5e-4 })'],
    ['strategies.wholeModel({ learningRate: .001, })', 'strategies.wholeModel({ learningRate: 5e-4, })'],
    ['strategies.wholeModel({ "learningRate": 1_0.5 })', 'strategies.wholeModel({ "learningRate": 5e-4 })'],
    ["strategies.wholeModel({ ['learningRate']: 1 })", "strategies.wholeModel({ ['learningRate']: 5e-4 })"],
    ['strategies.wholeModel({ learningRate: -1 })', 'strategies.wholeModel({ learningRate: 5e-4 })'],
    [
      'strategies.wholeModel({ learningRate: (1e-3 as number) /* bold */ })',
      'strategies.wholeModel({ learningRate: (5e-4 as number) /* bold */ })',
    ],
    [
      'strategies.wholeModel({ weightDecay: 0.1, learningRate: 2, learningRate: 3 })',
      'strategies.wholeModel({ weightDecay: 0.1, learningRate: 2, learningRate: 5e-4 })',
    ],
    ["strategies['wholeModel']({ learningRate: 1 })", "strategies['wholeModel']({ learningRate: 5e-4 })"],
    ['lab.strategies.wholeModel({ learningRate: 1 })', 'lab.strategies.wholeModel({ learningRate: 5e-4 })'],
    [
      "strategies.layerGroups(['fc'], { learningRate: 1 })",
      "strategies.layerGroups(['fc'], { learningRate: 5e-4 })",
    ],
  ])('is replaced in %s', (before, after) => {
    expect(changed(around(before))).toBe(around(after));
  });

  it.each([
    ['strategies.wholeModel()', 'strategies.wholeModel({ learningRate: 5e-4 })'],
    ['strategies.wholeModel({})', 'strategies.wholeModel({ learningRate: 5e-4 })'],
    [
      "strategies.wholeModel({ optimizer: 'sgd' })",
      "strategies.wholeModel({ optimizer: 'sgd', learningRate: 5e-4 })",
    ],
    [
      'strategies.wholeModel({ weightDecay: 0.1, })',
      'strategies.wholeModel({ weightDecay: 0.1, learningRate: 5e-4, })',
    ],
    ['strategies.wholeModel({ ...shared })', 'strategies.wholeModel({ ...shared, learningRate: 5e-4 })'],
    ['strategies.layerGroups({ last: 2 })', 'strategies.layerGroups({ last: 2 }, { learningRate: 5e-4 })'],
    [
      'strategies.discriminative({\n    decay: 0.3,\n  })',
      'strategies.discriminative({\n    decay: 0.3,\n    learningRate: 5e-4,\n  })',
    ],
    [
      'strategies.discriminative({\r\n    decay: 0.3 // slow\r\n  })',
      'strategies.discriminative({\r\n    decay: 0.3,\r\n    learningRate: 5e-4 // slow\r\n  })',
    ],
  ])('is inserted where it is missing: %s', (before, after) => {
    expect(changed(around(before))).toBe(around(after));
  });

  it.each([
    ['strategies.wholeModel({ learningRate: rate })', 'rate-not-a-number'],
    ['strategies.wholeModel({ learningRate: 2 * 1e-3 })', 'rate-not-a-number'],
    ['strategies.wholeModel({ learningRate })', 'rate-not-a-number'],
    ['strategies.wholeModel({ get learningRate() { return 1; } })', 'rate-not-a-number'],
    ['strategies.wholeModel({ learningRate: 1, ...shared })', 'shared'],
    ['strategies.wholeModel(settings)', 'strategy-options-not-literal'],
    ['strategies.wholeModel(settings())', 'strategy-options-not-literal'],
    ['slow ? strategies.wholeModel() : strategies.lastStage()', 'strategy-not-literal'],
    ['myStrategy(1e-3)', 'made-by-a-function'],
  ])('is left alone, with the reason, in %s', (strategy, reason) => {
    expect(changed(around(strategy))).toBe(`${reason} in line 4`);
  });

  it('is that of the experiment that was named, also where others look alike', () => {
    const two = (rate: string) =>
      `${IMPORT}export const other = experiment({ strategy: strategies.wholeModel({ learningRate: 1 }) });
export const first = experiment({ strategy: strategies.wholeModel({ learningRate: ${rate} }) });\n`;
    expect(changed(two('1'))).toBe(two('5e-4'));
  });

  it.each([
    ['export const first: Experiment = experiment({ strategy: S });'],
    ['const own = experiment({ strategy: S });\nexport { own as first };'],
    ['const first = (experiment({ strategy: S }) satisfies Experiment);\nexport { first };'],
    ['exports.first = lab.experiment({ strategy: S });'],
    ['module.exports = { first: experiment({ strategy: S }) };'],
    ['export const options = 1, first = experiment<X>({ strategy: S });'],
    ["export const first = experiment({ 'strategy': S });"],
    ['const rates = S;\nexport const first = experiment({ strategy: rates });'],
    ['const strategy = S;\nexport const first = experiment({ strategy });'],
    ['const options = { strategy: S };\nexport const first = experiment(options);'],
    ['const half = broken(;\nexport const first = experiment({ strategy: S });'],
  ])('is found in %s', (code) => {
    const withRate = (rate: string) =>
      IMPORT + code.replace('S', `strategies.wholeModel({ learningRate: ${rate} })`);
    expect(changed(withRate('1'))).toBe(withRate('5e-4'));
  });

  it('of the default export is found', () => {
    const code = (rate: string) =>
      `export default experiment({ strategy: strategies.wholeModel({ learningRate: ${rate} }) });`;
    expect(changed(code('1'), 'default')).toBe(code('5e-4'));
  });

  it.each([
    [
      'what two experiments share',
      'const s = strategies.wholeModel();\nexport const a = experiment({ strategy: s });\nexport const first = experiment({ strategy: s });',
      'shared in line 1',
    ],
    [
      'what a spread brings',
      'const base = { strategy: strategies.wholeModel() };\nexport const first = experiment({ ...base, epochs: 2 });',
      'shared in line 2',
    ],
    [
      'what an own function makes',
      'const make = (rate) => experiment({ strategy: strategies.wholeModel() });\nexport const first = make(1);',
      'made-by-a-function in line 2',
    ],
    ['a name that is gone', 'export const second = 1;', 'not-found in line 1'],
    [
      'an experiment without strategy',
      'export const first = experiment({ epochs: 1 });',
      'strategy-not-literal in line 1',
    ],
  ])('is not changed in %s', (_what, code, expected) => {
    expect(changed(code)).toBe(expected);
  });

  it.each([
    [5e-4, '5e-4'],
    [0.001, '1e-3'],
    [0.0012, '1.2e-3'],
    [1e-7, '1e-7'],
    [0.01, '0.01'],
    [0.35, '0.35'],
    [10, '10'],
  ])('of %f is written %s', (rate, text) => {
    expect(rateLiteral(rate)).toBe(text);
    expect(Number(text)).toBe(rate);
  });
});
