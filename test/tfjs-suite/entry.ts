import { setBackend } from '@tensorflow/tfjs';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { BACKEND_NAME, registerTransferLabBackend } from '../../src/training/engine/backend';
import { createEngine } from '../../src/training/engine/engine';
import { LazyCompiler } from '../../src/training/engine/lazy';

/** Makes the backend ready and declares TensorFlow.js's tests for it. Called once jasmine's globals exist. */
export async function declareTests(mode: string): Promise<void> {
  if (mode === 'cpu') {
    // TensorFlow.js's own backend, which says how many tests there are.
    await setBackend('cpu');
    setTestEnvs([{ name: 'cpu', backendName: 'cpu', isDataSync: true }]);
    await import('@tensorflow/tfjs-core/dist/tests');
    return;
  }
  const { device } = await createEngine({ threads: 1 });
  if (device.provider !== 'cpu')
    throw new Error(`the native library is needed: ${device.refused?.reason ?? ''}`);
  if (mode === 'compiled') LazyCompiler.install(registerTransferLabBackend());
  setTestEnvs([{ name: BACKEND_NAME, backendName: BACKEND_NAME, isDataSync: true }]);
  await import('@tensorflow/tfjs-core/dist/tests');
}
