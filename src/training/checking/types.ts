import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import type { TypeProblem } from '../../protocol/checking';

/** What a learner's folder is compiled with when it has no configuration that can be read. */
const FALLBACK: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts'],
  types: [],
  strict: true,
  skipLibCheck: true,
};

/**
 * What the TypeScript compiler says about a file and what it imports, with the options of the folder's tsconfig.json.
 * JavaScript is checked only where the folder asks for it (`checkJs`, or `// @ts-check` in the file).
 */
export function checkTypes(file: string): TypeProblem[] {
  const folder = dirname(resolve(file));
  const options = { ...optionsOf(folder), noEmit: true, allowJs: true };
  const program = ts.createProgram([file], options);
  const own = program.getSourceFiles().filter(({ fileName }) => isLearners(fileName, folder));
  const found = own.flatMap((source) => [
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ]);
  return found.flatMap((diagnostic) => {
    const { file: source, start, code, messageText } = diagnostic;
    if (!source || start === undefined) return [];
    const { line, character } = source.getLineAndCharacterOfPosition(start);
    return [
      {
        code: `TS${code}`,
        message: ts.flattenDiagnosticMessageText(messageText, ' '),
        location: { file: resolve(source.fileName), line: line + 1, column: character + 1 },
      },
    ];
  });
}

function optionsOf(folder: string): ts.CompilerOptions {
  const path = join(folder, 'tsconfig.json');
  const read = ts.readConfigFile(path, (name) => ts.sys.readFile(name));
  if (read.error) return FALLBACK;
  return ts.parseJsonConfigFileContent(read.config, ts.sys, folder, undefined, path).options;
}

function isLearners(fileName: string, folder: string): boolean {
  const path = resolve(fileName);
  return (
    path.startsWith(folder) && !/[\\/](?:\.transfer-lab|node_modules)[\\/]/.test(path.slice(folder.length))
  );
}
