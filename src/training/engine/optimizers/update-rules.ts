/** One parameter's part of an update. All arrays have the same length. */
export interface UpdateArrays {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Numbers of one step of torch.optim.SGD. */
export interface SgdStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Gradients are multiplied by this: clipping. */
  readonly gradientScale: number;
}

/** Numbers of one step of torch.optim.Adam and AdamW. */
export interface AdamStep {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** AdamW: the decay shrinks the parameter; Adam: it joins the gradient. */
  readonly decoupled: boolean;
  readonly gradientScale: number;
  /** Counts from 1. */
  readonly step: number;
}

/** torch.optim.SGD: d = g + decay·p; buffer = momentum·buffer + d; p −= rate·(nesterov ? d + momentum·buffer : buffer). */
export function sgd({ values, gradient, first }: UpdateArrays, s: SgdStep): void {
  for (let i = 0; i < values.length; i++) {
    const p = values[i] as number;
    const d = (gradient[i] as number) * s.gradientScale + s.weightDecay * p;
    let direction = d;
    if (s.momentum !== 0) {
      const buffer = s.momentum * (first[i] as number) + d;
      first[i] = buffer;
      direction = s.nesterov ? d + s.momentum * buffer : buffer;
    }
    values[i] = p - s.learningRate * direction;
  }
}

/** torch.optim.Adam and AdamW: p −= rate / (1 − β1^t) · m / (sqrt(v) / sqrt(1 − β2^t) + ε). */
export function adam({ values, gradient, first, second }: UpdateArrays, s: AdamStep): void {
  const stepSize = s.learningRate / (1 - s.beta1 ** s.step);
  const rootCorrection = Math.sqrt(1 - s.beta2 ** s.step);
  const shrink = s.decoupled ? 1 - s.learningRate * s.weightDecay : 1;
  const joined = s.decoupled ? 0 : s.weightDecay;
  for (let i = 0; i < values.length; i++) {
    const p = values[i] as number;
    const g = (gradient[i] as number) * s.gradientScale + joined * p;
    const m = s.beta1 * (first[i] as number) + (1 - s.beta1) * g;
    const v = s.beta2 * (second[i] as number) + (1 - s.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    values[i] = shrink * p - (stepSize * m) / (Math.sqrt(v) / rootCorrection + s.epsilon);
  }
}

/** Sum of squares, in double precision. */
export function sumOfSquares(gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) sum += (gradient[i] as number) ** 2;
  return sum;
}
