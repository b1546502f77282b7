import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import { entries, registerTransferLabBackend, type KernelCall } from '../engine/backend';
import { Recording } from '../engine/recorder';
import type { TensorSpec } from '../engine/types';
import type { ModelDescription } from '../freeze-map';
import { partsOf, type Network } from './model';

/** One item, as the network reads it: a picture `[size, size, 3]`, or the ids of a text. */
export type ItemSpec = TensorSpec;

export const pictureOf = (imageSize: number): ItemSpec => ({
  shape: [imageSize, imageSize, 3],
  dtype: 'float32',
});

export const textOf = (tokens: number): ItemSpec => ({ shape: [tokens], dtype: 'int32' });

/**
 * Names, sizes and costs of a model's layer groups for one item. Nothing is computed: the forward pass is recorded, and
 * shapes alone are looked at.
 */
export function describeNetwork(model: Network, { shape, dtype }: ItemSpec): ModelDescription {
  const counter = new Counter(model);
  counter.record({ item: { shape: [1, ...shape], dtype } }, ({ item }) => {
    let value = item as Tensor;
    for (const [index, group] of model.layerGroups.entries()) {
      counter.begin(index, value);
      value = group.forward(value, false);
    }
  });
  return partsOf(model).map((parts, index) => {
    const { forward = 0, entry = 0 } = counter.groups[index] ?? {};
    const operations = (name: string): number => counter.byParameter.get(name) ?? 0;
    return {
      ...parts,
      parameters: parts.parameters.map((part) => ({ ...part, operations: operations(part.name) })),
      forward,
      entry,
    };
  });
}

/** A recording that counts the operations of convolutions and matrix products: 2 for each multiply-add. */
class Counter extends Recording {
  readonly groups: { forward: number; entry: number }[] = [];
  readonly byParameter = new Map<string, number>();
  private readonly parameters = new Map<object, string>();
  /** Values that no counted kernel stands before, from the group's input on. */
  private untouched = new WeakSet<object>();

  constructor(model: Network) {
    super(registerTransferLabBackend(), `what ${model.architecture} costs`);
    for (const { name, variable, kind } of model.store.tensors.values())
      if (kind === 'parameter') this.parameters.set(variable.dataId, name);
  }

  begin(index: number, input: TensorInfo): void {
    this.groups[index] = { forward: 0, entry: 0 };
    this.untouched = new WeakSet([input.dataId]);
  }

  override kernel(call: KernelCall): TensorInfo | TensorInfo[] {
    const result = super.kernel(call);
    const infos = entries(call.inputs).map(([, info]) => info);
    const weight = infos.flatMap((info) => this.parameters.get(info.dataId) ?? [])[0];
    const operations = operationsOf(call, [result].flat()[0]);
    const reads = infos.some((info) => this.untouched.has(info.dataId));
    const group = this.groups.at(-1);
    if (operations > 0 && group) {
      group.forward += operations;
      if (reads) group.entry += operations;
      if (weight !== undefined)
        this.byParameter.set(weight, (this.byParameter.get(weight) ?? 0) + operations);
    } else if (reads) for (const { dataId } of [result].flat()) this.untouched.add(dataId);
    return result;
  }
}

function operationsOf({ kernelName, inputs, attrs }: KernelCall, output: TensorInfo | undefined): number {
  const shapes = Object.fromEntries(entries(inputs).map(([name, { shape }]) => [name, shape]));
  const size = output?.shape.reduce((product, length) => product * length, 1) ?? 0;
  const filter = shapes['filter'] ?? [];
  switch (kernelName) {
    case 'Conv2D':
    case 'FusedConv2D': {
      const [height = 0, width = 0, channels = 0] = filter; // [h, w, in, out]
      return 2 * size * height * width * channels;
    }
    case 'DepthwiseConv2dNative':
    case 'FusedDepthwiseConv2D': {
      const [height = 0, width = 0] = filter;
      return 2 * size * height * width;
    }
    case 'BatchMatMul':
    case '_FusedMatMul': {
      const k = shapes['a']?.at(attrs['transposeA'] === true ? -2 : -1) ?? 0; // [m, k] x [k, n]
      return 2 * size * k;
    }
    default:
      return 0;
  }
}
