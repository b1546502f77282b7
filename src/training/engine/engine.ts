import { type Variable, setBackend } from '@tensorflow/tfjs';
import { Arena } from './arena';
import { BACKEND_NAME, registerTransferLabBackend, typed } from './backend';
import { compileFunction, compileStep } from './compile';
import { createOptimizer } from './optimizers/optimizer';
import type { ProgramHost } from './program';
import { compileOpenFunction } from './open-function';
import { chooseProvider } from './providers';
import type { CreateEngine, Engine, TensorData } from './types';

/** @see CreateEngine */
export const createEngine: CreateEngine = async (options = {}) => {
  const { native, device } = await chooseProvider(options);
  const backend = registerTransferLabBackend();
  backend.native = native;
  backend.threads = device.threads;
  await setBackend(BACKEND_NAME);
  const arena = new Arena(backend);
  const programs = new Set<{ dispose(): void }>();
  const profile = process.env['TRANSFER_LAB_PROFILE'];
  const data = (variable: Variable): TensorData => {
    const entry = backend.data.get(variable.dataId);
    const values = typed(entry.values as TensorData, variable.dtype) as TensorData;
    // Keeps the array, so that what is written into it reaches the variable.
    if (values !== entry.values) entry.values = values as Float32Array;
    return values;
  };
  const host: ProgramHost = {
    backend,
    native,
    threads: device.threads,
    data,
    gradientBuffer: (variable) => {
      arena.adopt([variable]);
      return arena.get(variable)?.gradient ?? new Float32Array(variable.size);
    },
    ...(profile === undefined ? {} : { profilePrefix: profile }),
  };
  const kept = <P extends { dispose(): void }>(program: P): P => {
    programs.add(program);
    const dispose = (): void => {
      if (programs.delete(program)) program.dispose();
    };
    return { ...program, dispose };
  };
  const engine: Engine = {
    device,
    compileStep: (spec) => kept(compileStep(host, spec)),
    compileFunction: (spec) => kept(compileFunction(host, spec)),
    compileOpenFunction: (spec) => kept(compileOpenFunction(host, spec)),
    adopt: (variables) => arena.adopt(variables),
    data,
    createOptimizer: (spec) => createOptimizer(arena, spec),
    dispose: () => {
      for (const program of programs) program.dispose();
      programs.clear();
      arena.dispose();
      backend.releaseKernels();
    },
  };
  return engine;
};
