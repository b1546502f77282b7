import type { Variable } from '@tensorflow/tfjs-core';
import { LearnerError } from '../../../protocol/errors';
import type { Arena, ParameterBuffers } from '../arena';
import type { Optimizer, OptimizerSpec } from '../types';
import { type Part, fusedAdam, fusedSgd, fusedSumOfSquares } from './fused';
import { takeGradient } from './row-gradients';

/** Added to the norm before dividing by it, as torch.nn.utils.clip_grad_norm_ does. */
const CLIP_EPSILON = 1e-6;

/**
 * One fused pass over all parameters, in place. A variable without a gradient is left alone, as in PyTorch; of an
 * embedding, so is a row without one, unless `embeddingUpdates` says otherwise.
 */
export function createOptimizer(arena: Arena, spec: OptimizerSpec): Optimizer {
  const all = spec.groups.flatMap((group) => group.variables);
  refuseTwice(all);
  arena.adopt(all);
  for (const variable of all) clear(buffersOf(arena, variable));
  const slots = slotNames(spec);
  const updates = spec.embeddingUpdates ?? 'rows';
  let step = 0;
  return {
    apply(gradients, factors = {}) {
      arena.adopt(all);
      const parts = new Map<Variable, readonly Part[]>();
      let square = 0;
      for (const variable of all) {
        const gradient = gradients.get(variable.name);
        if (!gradient) continue;
        const buffers = buffersOf(arena, variable);
        const taken = takeGradient(buffers, gradient, variable.shape[0] ?? 1, updates);
        for (const part of taken) square += fusedSumOfSquares(buffers, part);
        parts.set(variable, taken);
      }
      const norm = Math.sqrt(square);
      const gradientScale =
        spec.clipNorm === undefined ? 1 : Math.min(1, spec.clipNorm / (norm + CLIP_EPSILON));
      step++;
      for (const group of spec.groups) {
        const learningRate = group.learningRate * (factors[group.name] ?? 1);
        const numbers = { learningRate, weightDecay: group.weightDecay, gradientScale, step };
        for (const variable of group.variables)
          for (const part of parts.get(variable) ?? [])
            update(spec, buffersOf(arena, variable), part, numbers);
      }
      return { gradientNorm: norm };
    },
    state: () => ({
      step,
      slots: Object.fromEntries(
        all.flatMap((variable) =>
          slots.map(([slot, key]) => [`${variable.name}/${slot}`, buffersOf(arena, variable)[key].slice()]),
        ),
      ),
    }),
    restore(state) {
      for (const variable of all)
        for (const [slot, key] of slots) {
          const name = `${variable.name}/${slot}`;
          const saved = state.slots[name];
          if (saved?.length !== variable.size)
            throw new LearnerError({
              code: 'optimizer-state-mismatch',
              message: `The saved optimizer state has ${saved ? `${saved.length} numbers` : 'nothing'} for ${name}; expected ${variable.size}.`,
              remedy: 'Resume with the same model, strategy and optimizer that wrote the checkpoint.',
            });
          buffersOf(arena, variable)[key].set(saved);
        }
      step = state.step;
    },
    dispose: () => undefined,
  };
}

interface StepNumbers {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly gradientScale: number;
  readonly step: number;
}

function update(spec: OptimizerSpec, buffers: ParameterBuffers, part: Part, numbers: StepNumbers): void {
  if (spec.kind === 'sgd')
    fusedSgd(buffers, part, { ...numbers, momentum: spec.momentum ?? 0, nesterov: spec.nesterov ?? false });
  else
    fusedAdam(buffers, part, {
      ...numbers,
      beta1: spec.beta1 ?? 0.9,
      beta2: spec.beta2 ?? 0.999,
      epsilon: spec.epsilon ?? 1e-8,
      decoupled: spec.kind === 'adamw',
    });
}

function slotNames(spec: OptimizerSpec): readonly (readonly [string, 'first' | 'second'])[] {
  if (spec.kind !== 'sgd')
    return [
      ['firstMoment', 'first'],
      ['secondMoment', 'second'],
    ];
  return spec.momentum ? [['momentum', 'first']] : [];
}

function buffersOf(arena: Arena, variable: Variable): ParameterBuffers {
  const buffers = arena.get(variable);
  if (!buffers) throw new Error(`${variable.name} (${variable.dtype}) cannot be trained`);
  return buffers;
}

function clear({ first, second }: ParameterBuffers): void {
  for (const slot of [first, second]) if (slot.some((x) => x !== 0)) slot.fill(0);
}

function refuseTwice(variables: readonly Variable[]): void {
  const twice = variables.find((variable, index) => variables.indexOf(variable) !== index);
  if (!twice) return;
  throw new LearnerError({
    code: 'parameter-in-two-groups',
    message: `The parameter ${twice.name} is in two parameter groups.`,
    remedy: 'Put every parameter into one group.',
  });
}
