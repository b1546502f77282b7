import { type Tensor, type Variable, engine } from '@tensorflow/tfjs-core';
import { LearnerError } from '../../protocol/errors';
import type { NamedOutput } from './onnx/serialize';
import { type Value, sizeOf } from './onnx/values';
import { segmentsOf } from './ops/indexing';
import { Program, type ProgramHost, runOpByOp } from './program';
import { Recording, UncompiledKernel } from './recorder';
import type { TensorArray } from './session';
import type {
  CompiledFunction,
  FunctionSpec,
  Gradient,
  NamedData,
  NamedTensors,
  ProgramInfo,
  StepSpec,
  TensorData,
  TrainingStep,
} from './types';

/** Records a training step and loads it; where a kernel cannot be compiled, the step runs op by op. */
export function compileStep(host: ProgramHost, spec: StepSpec): TrainingStep {
  const start = performance.now();
  if (!host.native) return stepOpByOp(host, spec, plainInfo([]));
  const recording = new Recording(host.backend, spec.name);
  const outputs: NamedOutput[] = [];
  const outputNames: string[] = [];
  const buffers = new Map<string, TensorArray>();
  const gradients: [Variable, GradientPlan][] = [];
  const carried: [Variable, string][] = [];
  try {
    recording.record(spec.inputs, (inputs) => {
      const { loss, grads } = withGradients(spec, inputs, (named) => {
        for (const [name, tensor] of Object.entries(named)) {
          outputs.push({ name: `out_${name}`, value: recording.valueOf(tensor) });
          outputNames.push(name);
        }
      });
      outputs.push({ name: 'loss', value: recording.valueOf(loss) });
      for (const [variable, tensor] of grads) {
        const plan = planGradient(variable, recording.valueOf(tensor));
        const name = `grad_${variable.name}`;
        outputs.push({ name, value: plan.value });
        buffers.set(name, host.gradientBuffer(variable).subarray(0, sizeOf(plan.value.shape)));
        if (plan.ids) outputs.push({ name: `ids_${variable.name}`, value: plan.ids });
        gradients.push([variable, plan]);
      }
      for (const [variable, value] of recording.assigned()) {
        outputs.push({ name: `new_${variable.name}`, value });
        carried.push([variable, `new_${variable.name}`]);
      }
    });
  } catch (error) {
    if (error instanceof UncompiledKernel) return stepOpByOp(host, spec, plainInfo([error.kernelName]));
    throw error;
  }
  const recordMs = performance.now() - start;
  const changing = new Set([...spec.trainable, ...carried.map(([variable]) => variable)]);
  const program = new Program(
    host,
    host.native,
    spec.name,
    spec.inputs,
    recording,
    recordMs,
    outputs,
    (v) => changing.has(v),
    buffers,
  );
  const array = (name: string): TensorData => program.arrays.get(name) as TensorData;
  const results = {
    outputs: Object.fromEntries(outputNames.map((name) => [name, array(`out_${name}`)])),
    gradients: new Map(
      gradients.map(([{ name }, { ids, summed }]): [string, Gradient] => {
        const values = array(`grad_${name}`) as Float32Array;
        return [name, ids ? { ids: array(`ids_${name}`) as Int32Array, values, summed } : values];
      }),
    ),
  };
  return {
    info: program.info,
    run(inputs) {
      program.run(inputs);
      for (const [variable, name] of carried) host.data(variable).set(array(name) as never);
      return { loss: array('loss')[0] as number, ...results };
    },
    dispose: () => program.dispose(),
  };
}

/** Records a function without gradients and loads it. */
export function compileFunction(host: ProgramHost, spec: FunctionSpec): CompiledFunction {
  const start = performance.now();
  if (!host.native) return functionOpByOp(host, spec, plainInfo([]));
  const recording = new Recording(host.backend, spec.name);
  const outputs: NamedOutput[] = [];
  try {
    recording.record(spec.inputs, (inputs) => {
      for (const [name, tensor] of Object.entries(spec.run(inputs)))
        outputs.push({ name: `out_${name}`, value: recording.valueOf(tensor) });
      const [assigned] = recording.assigned().keys();
      if (assigned)
        throw new LearnerError({
          code: 'assignment-in-function',
          message: `${spec.name}: the variable ${assigned.name} was assigned to in a function without gradients.`,
          remedy: 'Run the model in evaluation mode here.',
        });
    });
  } catch (error) {
    if (error instanceof UncompiledKernel) return functionOpByOp(host, spec, plainInfo([error.kernelName]));
    throw error;
  }
  const fed = new Set(spec.fed ?? []);
  const recordMs = performance.now() - start;
  const program = new Program(host, host.native, spec.name, spec.inputs, recording, recordMs, outputs, (v) =>
    fed.has(v),
  );
  const results = Object.fromEntries(
    [...program.arrays].map(([name, array]) => [name.slice('out_'.length), array as TensorData]),
  );
  return {
    info: program.info,
    run(inputs) {
      program.run(inputs);
      return results;
    },
    dispose: () => program.dispose(),
  };
}

/** The loss and the gradients that exist. A variable that the loss does not depend on has none, as in PyTorch. */
function withGradients(
  spec: StepSpec,
  inputs: NamedTensors,
  keep: (outputs: NamedTensors) => void,
): { loss: Tensor; grads: [Variable, Tensor][] } {
  const forward = (): Tensor => {
    const { loss, outputs } = spec.forward(inputs);
    if (loss.size !== 1 || loss.dtype !== 'float32')
      throw new LearnerError({
        code: 'loss-not-scalar',
        message: `${spec.name}: the loss is ${loss.dtype} [${loss.shape.join(', ')}]; expected one float32 number.`,
        remedy: 'Return the mean (or the sum) of the losses.',
      });
    if (outputs) keep(outputs);
    return loss.rank === 0 ? loss : loss.reshape([]);
  };
  if (spec.trainable.length === 0) return { loss: forward(), grads: [] };
  const { value, grads } = engine().gradients(forward, [...spec.trainable], undefined, true);
  const pairs = spec.trainable.map((variable, index) => [variable, grads[index]] as const);
  return { loss: value, grads: pairs.filter((pair): pair is [Variable, Tensor] => pair[1] != null) };
}

/** What the graph gives for a gradient. */
interface GradientPlan {
  readonly value: Value;
  /** The value is a gradient by rows, of these. */
  readonly ids?: Value;
  readonly summed: boolean;
}

/** A gradient that comes from look-ups alone stays by rows, and the sum over a whole table is not made where rows are fewer. */
function planGradient(variable: Variable, value: Value): GradientPlan {
  const segments = canUpdateRows(variable) ? segmentsOf(value) : undefined;
  if (!segments) return { value, summed: false };
  const { rows, ids } = segments;
  return sizeOf(rows.shape) <= variable.size
    ? { value: rows, ids, summed: false }
    : { value, ids, summed: true };
}

/** The update takes four values at a time: a row must not end within them. */
function canUpdateRows({ size, shape }: Variable): boolean {
  return size > 0 && (size / (shape[0] ?? 1)) % 4 === 0;
}

function stepOpByOp(host: ProgramHost, spec: StepSpec, info: ProgramInfo): TrainingStep {
  return {
    info,
    run: (data) =>
      runOpByOp(host.backend, spec.name, spec.inputs, data, (inputs, read) => {
        const outputs: NamedData = {};
        const { loss, grads } = withGradients(spec, inputs, (named) => {
          for (const [name, tensor] of Object.entries(named)) outputs[name] = read(tensor) as TensorData;
        });
        const gradients = grads.map(([variable, gradient]) => {
          const values = host.gradientBuffer(variable);
          values.set(read(gradient) as Float32Array);
          const ids = canUpdateRows(variable) ? host.backend.segmentIdsOf(gradient) : undefined;
          return [variable.name, ids ? { ids, values, summed: true } : values] as const;
        });
        return { loss: read(loss)[0] as number, outputs, gradients: new Map(gradients) };
      }),
    dispose: () => undefined,
  };
}

function functionOpByOp(host: ProgramHost, spec: FunctionSpec, info: ProgramInfo): CompiledFunction {
  return {
    info,
    run: (data) =>
      runOpByOp(host.backend, spec.name, spec.inputs, data, (inputs, read) =>
        Object.fromEntries(
          Object.entries(spec.run(inputs)).map(([name, tensor]) => [name, read(tensor) as TensorData]),
        ),
      ),
    dispose: () => undefined,
  };
}

function plainInfo(uncompiled: readonly string[]): ProgramInfo {
  return { nodes: 0, constantBytes: 0, recordMs: 0, buildMs: 0, uncompiled };
}
