import { spawnSync } from 'node:child_process';
import { assetsRoot } from '../src/training/assets';
import { type Piece, median, round } from './piece';

const TARGET_MS = 50;

/** Answers whatever is asked of it, so that loading and registering are all that takes time. */
const STAND_IN = `
const Module = require('node:module');
const anything = new Proxy(function () {}, {
  get: (target, key) => (key === 'then' || typeof key === 'symbol' ? undefined : anything),
  set: () => true,
  apply: () => anything,
  construct: (target, args, made) => (made === anything ? anything : Object.create(made.prototype)),
});
const root = process.argv[1];
const source = require('node:fs').readFileSync(root + '/dist/extension.js', 'utf8');
const used = [...source.matchAll(/\\bvscode\\d*\\.(\\w+)/g)].map(([, name]) => [name, anything]);
const editor = { __esModule: true, ...Object.fromEntries(used) };
const load = Module._load;
Module._load = (name, ...rest) => (name === 'vscode' ? editor : load(name, ...rest));
const context = { subscriptions: [], extensionPath: root, extensionUri: anything, extension: anything,
  globalState: { get: (key, other) => other, update: async () => {} },
  workspaceState: { get: (key, other) => other, update: async () => {} },
  globalStorageUri: { fsPath: root }, extensionMode: 1 };
const cpu = process.cpuUsage();
const began = performance.now();
const { activate } = require(root + '/dist/extension.js');
const loaded = performance.now();
const { user, system } = process.cpuUsage(cpu);
activate(context);
console.log(JSON.stringify({ loadMs: loaded - began, loadCpuMs: (user + system) / 1000, activateMs: performance.now() - loaded }));
process.exit(0);
`;

interface Times {
  readonly loadMs: number;
  readonly loadCpuMs: number;
  readonly activateMs: number;
}

/** dist/extension.js in a fresh Node each time, with a stand-in for the editor: its own answers take no time. */
export const activation: Piece = {
  name: 'activation',
  summary: 'loading and activating the extension against a stand-in for VS Code (--rounds)',
  measure({ rounds }) {
    const times = Array.from({ length: rounds }, (): Times => {
      const child = spawnSync(process.execPath, ['-e', STAND_IN, assetsRoot()], { encoding: 'utf8' });
      const line = child.stdout.trim().split('\n').at(-1) ?? '';
      if (child.status !== 0 || line === '') throw new Error(child.stderr);
      return JSON.parse(line) as Times;
    });
    const middle = (key: keyof Times): number => round(median(times.map((one) => one[key])), 1);
    return Promise.resolve({
      rounds,
      loadMs: middle('loadMs'),
      loadCpuMs: middle('loadCpuMs'),
      activateMs: middle('activateMs'),
      targetActivateMs: TARGET_MS,
    });
  },
};
