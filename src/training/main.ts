/** Entry of a run process: node dist/main.js [--resume] RUN-DIRECTORY… */
import * as tf from '@tensorflow/tfjs';
import * as lab from '../lab';
import { createEngine } from './engine/engine';
import { pickForRun } from './pick-experiment';
import { loadExperimentFile } from './runs/load-experiment';
import { runProcess } from './runs/run-process';
import { train } from './trainer';

void runProcess(process.argv.slice(2), {
  createEngine: () => createEngine(),
  load: (file) => loadExperimentFile(file, { modules: { 'transfer-lab': lab, '@tensorflow/tfjs': tf } }),
  pick: pickForRun,
  train,
}).then(
  // Native threads would keep the process; everything is on the disk.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
