/** Entry of a run process: node dist/main.js [--resume | --find-learning-rate] RUN-DIRECTORY… */
import * as tf from '@tensorflow/tfjs';
import * as lab from '../lab';
import { createEngine } from './engine/engine';
import { pickForRun } from './pick-experiment';
import { loadExperimentFile } from './runs/load-experiment';
import { findLearningRate } from './rate-finder/range-test';
import { runProcess } from './runs/run-process';
import { RATE_TEST_FLAG } from './runs/start-run';
import { train } from './trainer';

const args = process.argv.slice(2);

void runProcess(args, {
  createEngine: () => createEngine(),
  load: (file) => loadExperimentFile(file, { modules: { 'transfer-lab': lab, '@tensorflow/tfjs': tf } }),
  pick: pickForRun,
  train: args.includes(RATE_TEST_FLAG) ? findLearningRate : train,
}).then(
  // Native threads would keep the process; everything is on the disk.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
