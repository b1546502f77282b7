import {
  cpSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  rmSync,
  writeFileSync,
  renameSync,
  readFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildTypes } from './build-types.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** As a scaffolded folder maps them; no node_modules anywhere above. */
const CONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'preserve',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    allowJs: true,
    checkJs: true,
    paths: {
      'transfer-lab': ['./.transfer-lab/types/transfer-lab/index.d.ts'],
      '@tensorflow/*': ['./.transfer-lab/types/@tensorflow/*'],
    },
  },
  include: ['*.ts', '*.js'],
};

const SOURCE = `import * as tf from '@tensorflow/tfjs';
import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';

export const whole = experiment({
  data: imageFolder('data/emoji-10', { imageSize: 64, seed: 1 }),
  model: resnet18({ weights: 'embedded', head: (features, { linear, numClasses }) => linear('out', tf.relu(features), numClasses) }),
  strategy: strategies.wholeModel(),
  loss: (logits, labels) => tf.losses.softmaxCrossEntropy(labels, logits, undefined, undefined, tf.Reduction.NONE),
  epochs: 2, batchSize: 16, seed: 1,
});
`;

describe('the declarations of a learner’s folder', () => {
  let temporary: string;
  let folder: string;

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist/types/version.txt'))) await buildTypes(root);
    temporary = mkdtempSync(join(tmpdir(), 'transfer-lab-types-'));
    const first = join(temporary, 'first');
    mkdirSync(first);
    cpSync(join(root, 'dist/types'), join(first, '.transfer-lab/types'), { recursive: true });
    for (const name of ['experiment.ts', 'experiment.js']) writeFileSync(join(first, name), SOURCE);
    writeFileSync(join(first, 'tsconfig.json'), JSON.stringify(CONFIG));
    // What has to go on working is the folder after it was moved.
    folder = join(temporary, 'moved');
    renameSync(first, folder);
  });
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));

  it.each(['experiment.ts', 'experiment.js'])('complete, explain and check %s without an install', (name) => {
    const { service, file } = open(folder, name);

    const messages = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(
      ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'),
    );
    expect(messages).toEqual([]);

    const at = (text: string): number => SOURCE.indexOf(text) + text.length;
    const completions = (text: string): string[] =>
      service.getCompletionsAtPosition(file, at(text), {})?.entries.map((entry) => entry.name) ?? [];
    expect(completions('strategies.')).toEqual(expect.arrayContaining(['featureExtraction', 'wholeModel']));
    expect(completions('strategy: strategies.wholeModel(),\n  ')).toEqual(
      expect.arrayContaining(['augmentation']),
    );
    expect(completions('loss: (logits, labels) => tf.')).toEqual(
      expect.arrayContaining(['matMul', 'losses', 'conv2d']),
    );

    const hover = (text: string): string => {
      const info = service.getQuickInfoAtPosition(file, SOURCE.indexOf(text));
      return ts.displayPartsToString(info?.documentation);
    };
    expect(hover('experiment({')).toContain('An experiment is data');
    expect(hover('wholeModel()')).toContain('Everything trains');
    expect(hover('relu(features)')).toContain('Computes rectified linear element-wise');
  });

  it('say where an experiment is wrong', () => {
    const { service, file } = open(folder, 'experiment.ts', SOURCE.replace('epochs: 2', "epochs: 'two'"));
    const found = service.getSemanticDiagnostics(file).map(({ messageText }) => messageText);
    expect(found).toEqual(["Type 'string' is not assignable to type 'number'."]);
  });

  it('carry a fingerprint, so that an updated extension can replace them', () => {
    expect(readFileSync(join(root, 'dist/types/version.txt'), 'utf8')).toMatch(/^[0-9a-f]{16}\n$/);
  });
});

/** The same service that the editor's TypeScript extension talks to. */
function open(folder: string, name: string, text = SOURCE): { service: ts.LanguageService; file: string } {
  const file = join(folder, name);
  const { options } = ts.parseJsonConfigFileContent(
    CONFIG,
    ts.sys,
    folder,
    undefined,
    join(folder, 'tsconfig.json'),
  );
  const service = ts.createLanguageService({
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      if (path === file) return ts.ScriptSnapshot.fromString(text);
      const content = ts.sys.readFile(path);
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
    },
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (wanted) => ts.getDefaultLibFilePath(wanted),
    fileExists: (path) => ts.sys.fileExists(path),
    readFile: (path) => ts.sys.readFile(path),
    readDirectory: (...args) => ts.sys.readDirectory(...args),
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => ts.sys.getDirectories(path),
  });
  return { service, file };
}
