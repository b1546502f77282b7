import { describe, expect, it } from 'vitest';
import { strategies } from '../../lab';
import { LearnerError } from '../../protocol/errors';
import { requireParameters, whatTrains, type GroupParts } from './what-trains';
import { matches, nearest } from './patterns';

const RESNET = ['stem', 'layer1', 'layer2', 'layer3', 'layer4', 'fc'];
const VGG = ['stage1', 'stage2', 'stage3', 'stage4', 'stage5', 'classifier', 'head'];

function problemOf(make: () => unknown): LearnerError['problem'] {
  try {
    make();
  } catch (error) {
    if (error instanceof LearnerError) return error.problem;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('layerGroups', () => {
  const trained = (
    choice: Parameters<typeof strategies.layerGroups>[0],
    groups: readonly string[],
  ): string[] => Object.keys(strategies.layerGroups(choice).plan(groups, 1)[0]?.learningRates ?? {});

  it.each([
    ['names', ['layer4', 'fc'], RESNET, ['layer4', 'fc']],
    ['names without the head, which trains all the same', ['layer2'], RESNET, ['layer2', 'fc']],
    ['a pattern with *', 'layer*', RESNET, ['layer1', 'layer2', 'layer3', 'layer4', 'fc']],
    ['a regular expression', /^layer[34]$/, RESNET, ['layer3', 'layer4', 'fc']],
    ['a regular expression with g, which remembers where it was', /layer/g, RESNET, RESNET.slice(1)],
    ['several patterns', ['stem', /4$/], RESNET, ['stem', 'layer4', 'fc']],
    ['the last three of one network', { last: 3 }, RESNET, ['layer3', 'layer4', 'fc']],
    ['the last three of another', { last: 3 }, VGG, ['stage5', 'classifier', 'head']],
    ['all', { last: 6 }, RESNET, RESNET],
  ] as const)('takes %s', (_, choice, groups, expected) => {
    expect(trained(choice, groups)).toEqual(expected);
  });

  it.each([
    ['Layer_4', RESNET, '"layer4"'],
    ['layer5', RESNET, '"layer'],
    ['clasifier', VGG, '"classifier"'],
    ['stage 3', VGG, '"stage3"'],
  ])('says for "%s" which groups there are, and the nearest', (wrong, groups, suggested) => {
    const { code, message, remedy } = problemOf(() => trained([wrong], groups));
    expect(code).toBe('unknown-layer-group');
    expect(message).toContain(`"${wrong}"`);
    expect(message).toContain(groups.join(', '));
    expect(remedy).toContain(`Did you mean ${suggested}`);
  });

  it('suggests nothing where nothing is near, and counts groups where too many are asked for', () => {
    expect(problemOf(() => trained(/conv/, RESNET)).remedy).not.toContain('Did you mean');
    expect(problemOf(() => trained({ last: 9 }, RESNET)).message).toContain('this model has 6');
  });

  it.each([[[]], [''], [{ last: 0 }], [undefined], [[3]]])('refuses %j', (choice) => {
    expect(problemOf(() => strategies.layerGroups(choice as never)).code).toBe('strategy-invalid');
  });
});

describe('headFirst', () => {
  // fastai 2.7: Learner.fine_tune(4) with base_lr 2e-3 and lr_mult 100 sets slice(1e-5, 1e-3) after one frozen epoch.
  it('plans as fastai’s fine_tune: the head, then all at half the rate, a hundredth of it at the input', () => {
    const [head, all, ...rest] = strategies.headFirst().plan(RESNET, 5);
    expect(rest).toEqual([]);
    expect(head).toMatchObject({ epochs: 1, learningRates: { fc: 2e-3 } });
    expect(all?.epochs).toBe(4);
    const rates = Object.values(all?.learningRates ?? {});
    expect(Object.keys(all?.learningRates ?? {})).toEqual(RESNET);
    expect(rates[0]).toBeCloseTo(1e-5, 12);
    expect(rates[5]).toBe(1e-3);
    for (const [index, rate] of rates.slice(1).entries())
      expect(rate / (rates[index] ?? 0)).toBeCloseTo(100 ** (1 / 5), 9);
  });

  it('with fewer epochs than it freezes for, trains the head alone', () => {
    expect(strategies.headFirst({ freezeEpochs: 3 }).plan(RESNET, 2)).toMatchObject([
      { epochs: 2, learningRates: { fc: 2e-3 } },
    ]);
  });
});

describe('what trains', () => {
  const part = (name: string, ofNorm = false) => ({ name, size: 10, ofNorm });
  const groups: GroupParts[] = [
    { name: 'stem', parameters: [part('conv1.weight'), part('bn1.weight', true)], buffers: 4 },
    { name: 'plain', parameters: [part('conv2.weight'), part('conv2.bias')], buffers: 0 },
    { name: 'layer4', parameters: [part('conv3.weight'), part('bn3.bias', true)], buffers: 4 },
    { name: 'fc', parameters: [part('fc.weight'), part('fc.bias')], buffers: 0 },
  ];
  const rates = { layer4: 1e-3, fc: 1e-2 };
  const cached = (policy?: Parameters<typeof whatTrains>[2]): string[] =>
    whatTrains(groups, { learningRates: rates }, policy).flatMap((one) => (one.cached ? [one.name] : []));

  it('keeps the output of the groups before the first that trains', () => {
    expect(cached()).toEqual(['stem', 'plain']);
    expect(cached({ trained: 'eval', affine: 'none' })).toEqual(['stem', 'plain']);
  });

  it('keeps nothing from a BatchNorm on that looks at the batch or trains', () => {
    expect(cached({ frozen: 'train' })).toEqual([]);
    expect(cached({ affine: 'all' })).toEqual([]);
    const withoutNorm = groups.slice(1);
    const [first] = whatTrains(withoutNorm, { learningRates: rates }, { frozen: 'train', affine: 'all' });
    expect(first?.cached).toBe(true);
  });

  it('trains the norms of frozen groups at the lowest rate where the policy says so', () => {
    const [stem, plain] = whatTrains(groups, { learningRates: rates }, { affine: 'all' });
    expect([...(stem?.trains ?? [])]).toEqual(['bn1.weight']);
    expect(stem).toMatchObject({
      learningRate: 1e-3,
      active: false,
      batchNorm: { mode: 'eval', affine: true },
    });
    expect(plain?.trains.size).toBe(0);
  });

  it('says which parameters there are where a pattern fits none', () => {
    const strategy = strategies.parameters('conv9.weight');
    const phases = strategy.plan(
      groups.map(({ name }) => name),
      1,
    );
    const { code, message, remedy } = problemOf(() => requireParameters(groups, phases));
    expect(code).toBe('unknown-parameter');
    expect(message).toContain('stem, plain, layer4, fc');
    expect(remedy).toContain('near it is "conv1.weight"');
  });
});

describe('patterns', () => {
  it.each([
    ['layer*', 'layer4', true],
    ['layer*', 'my.layer4', false],
    ['*.bias', 'layer1.0.bn1.bias', true],
    ['layer1.0', 'layer1x0', false],
    ['/bn\\d/i', 'layer1.0.BN1.weight', true],
    ['features.*.weight', 'features.0.bias', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it('the nearest name is found past capitals and punctuation, and not where all are far', () => {
    expect(nearest('Layer-2', RESNET)).toBe('layer2');
    expect(nearest('backbone', RESNET)).toBeUndefined();
  });
});
