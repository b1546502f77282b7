/** A thread of its own: loading the TypeScript compiler takes longer than an editor may be kept waiting. */
import { parentPort, workerData } from 'node:worker_threads';
import { planRateEdit } from './rate-edit';

export interface RateEditRequest {
  readonly source: string;
  readonly experiment: string;
  readonly learningRate: number;
}

const { source, experiment, learningRate } = workerData as RateEditRequest;
parentPort?.postMessage(planRateEdit(source, experiment, learningRate));
