import { createRequire, SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';
import type { BuildFailure, Message, Plugin } from 'esbuild';
import { LearnerError } from '../../protocol/errors';
import type { Problem, SourceLocation } from '../../protocol/errors';
import { hideToken } from '../weights/hub/token';

/** A learner's file, bundled and evaluated. */
export interface LoadedFile {
  readonly file: string;
  readonly exports: Readonly<Record<string, unknown>>;
  /** Where in the learner's own files an error was thrown; also for errors that come later, out of their functions. */
  locate(error: unknown): SourceLocation | undefined;
}

export interface LoadOptions {
  /** Modules of this process that the learner's code shares: 'transfer-lab', '@tensorflow/tfjs'. */
  readonly modules: Readonly<Record<string, unknown>>;
  /** In place of what the file holds: edits that are not saved. */
  readonly source?: string;
}

/**
 * Bundles TypeScript or JavaScript with what it imports and runs it. Types are not checked.
 * @throws {LearnerError} 'experiment-syntax', 'experiment-import', 'experiment-threw', at the line of the original file
 */
export async function loadExperimentFile(file: string, options: LoadOptions): Promise<LoadedFile> {
  const { code, map } = await bundle(file, Object.keys(options.modules), options.source);
  // The name stands in stack traces; `locate` maps it back.
  const name = join(dirname(file), `.${basename(file)}.bundled.cjs`);
  const locate = (error: unknown): SourceLocation | undefined => locateIn(error, name, map);
  const fromFile = createRequire(file);
  const required = (id: string): unknown =>
    Object.hasOwn(options.modules, id) ? options.modules[id] : (fromFile(id) as unknown);
  const module = { exports: {} as Record<string, unknown> };
  hideToken();
  try {
    const wrapped = vm.runInThisContext(
      `(function (exports, require, module, __filename, __dirname) {${code}\n})`,
      {
        filename: name,
      },
    ) as (...values: unknown[]) => void;
    wrapped(module.exports, required, module, file, dirname(file));
  } catch (error) {
    throw atLearnersLine(error, locate, file);
  }
  return { file, exports: module.exports, locate };
}

/**
 * @param isExperiment tells experiments from everything else that the file exports
 * @throws {LearnerError} 'experiment-not-found', listing what is there
 */
export function pickExperiment<T>(
  loaded: LoadedFile,
  name: string,
  isExperiment: (value: unknown) => value is T,
): T {
  const value = loaded.exports[name];
  if (isExperiment(value)) return value;
  const names = Object.entries(loaded.exports)
    .filter(([, candidate]) => isExperiment(candidate))
    .map(([key]) => key);
  throw new LearnerError({
    code: 'experiment-not-found',
    message:
      value === undefined
        ? `${basename(loaded.file)} exports no experiment "${name}".`
        : `"${name}" of ${basename(loaded.file)} is not what experiment(…) returns.`,
    remedy:
      names.length === 0
        ? `Export one: export const ${/^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default' ? name : 'first'} = experiment({ … });`
        : `Choose one of: ${names.join(', ')}.`,
    location: { file: loaded.file, line: 1 },
  });
}

/** Any error out of the learner's code, with its place; errors that have one keep it. */
export function problemAt(problem: Problem, location: SourceLocation | undefined): Problem {
  return problem.location || !location ? problem : { ...problem, location };
}

async function bundle(
  file: string,
  shared: readonly string[],
  source: string | undefined,
): Promise<{ code: string; map: SourceMapPayload }> {
  try {
    const { outputFiles } = await build({
      ...(source === undefined
        ? { entryPoints: [file] }
        : {
            stdin: { contents: source, resolveDir: dirname(file), sourcefile: basename(file), loader: 'ts' },
          }),
      bundle: true,
      write: false,
      outfile: join(dirname(file), `.${basename(file)}.bundled.cjs`),
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'external',
      logLevel: 'silent',
      absWorkingDir: dirname(file),
      plugins: [sharedModules(shared)],
    });
    const text = (suffix: string): string =>
      outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
    return { code: text('.cjs'), map: JSON.parse(text('.map')) as SourceMapPayload };
  } catch (error) {
    const [message] = (error as Partial<BuildFailure>).errors ?? [];
    if (!message) throw error;
    throw new LearnerError(bundlingProblem(message, file), { cause: error });
  }
}

/** First, so that `paths` of the learner's tsconfig.json, which lead to declarations, do not catch them. */
function sharedModules(names: readonly string[]): Plugin {
  return {
    name: 'shared-modules',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, ({ path }) =>
        names.includes(path) ? { path, external: true } : undefined,
      );
    },
  };
}

function bundlingProblem(message: Message, file: string): Problem {
  const { location, text } = message;
  const missing = /^Could not resolve "(.+)"$/.exec(text)?.[1];
  const at: SourceLocation | undefined = location
    ? { file: resolve(dirname(file), location.file), line: location.line, column: location.column + 1 }
    : undefined;
  return {
    code: missing === undefined ? 'experiment-syntax' : 'experiment-import',
    message:
      missing === undefined
        ? `${basename(at?.file ?? file)}: ${text}.`
        : `"${missing}" is imported but was not found.`,
    remedy:
      missing === undefined
        ? 'Correct the line, then run again.'
        : missing.startsWith('.')
          ? 'Correct the path; it counts from the file that imports.'
          : `Install it in this folder (npm install ${missing}), or remove the import.`,
    ...(at ? { location: at } : {}),
  };
}

function atLearnersLine(
  error: unknown,
  locate: (error: unknown) => SourceLocation | undefined,
  file: string,
): LearnerError {
  const location = locate(error) ?? { file, line: 1 };
  if (error instanceof LearnerError) {
    return new LearnerError(problemAt(error.problem, location), { cause: error });
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new LearnerError(
    {
      code: 'experiment-threw',
      message: `${basename(file)} stopped with ${message}`,
      remedy: 'Correct the line, then run again.',
      location,
    },
    { cause: error },
  );
}

function locateIn(error: unknown, name: string, payload: SourceMapPayload): SourceLocation | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const map = new SourceMap(payload);
  for (const line of error.stack.split('\n')) {
    const at = line.lastIndexOf(`${name}:`);
    const position = at === -1 ? null : /^(\d+):(\d+)/.exec(line.slice(at + name.length + 1));
    if (!position) continue;
    // The wrapper function's header stands before the first line's code.
    const entry = map.findEntry(Number(position[1]) - 1, Number(position[2]) - 1);
    if (!('originalSource' in entry) || entry.originalSource.includes('node_modules')) continue;
    const source = entry.originalSource;
    return {
      file: isAbsolute(source) ? source : resolve(dirname(name), source),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }
  return error.cause === undefined ? undefined : locateIn(error.cause, name, payload);
}
