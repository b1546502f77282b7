import { execFile } from 'node:child_process';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LearnerError } from '../protocol/errors';

/** Runs our command line in a child process. @returns the JSON object of its last line */
export async function runCli(
  root: string,
  args: readonly string[],
  log: vscode.LogOutputChannel,
): Promise<unknown> {
  const { findNode } = await import('../training/runs');
  const setting = vscode.workspace.getConfiguration('transferLab').get<string>('nodePath', '');
  const node = await findNode({ editor: process.execPath, ...(setting ? { setting } : {}) });
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_OPTIONS'];
  if (node.asElectron) env['ELECTRON_RUN_AS_NODE'] = '1';
  const output = await new Promise<string>((resolve) => {
    const options = { env, maxBuffer: 50_000_000, windowsHide: true };
    execFile(node.path, [path.join(root, 'dist', 'cli.js'), ...args], options, (error, stdout, stderr) => {
      if (stderr) log.info(stderr);
      if (error) log.info(`${args.join(' ')}: ${error.message}`);
      resolve(stdout);
    });
  });
  const last = output.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last);
  } catch (cause) {
    throw new LearnerError(
      {
        code: 'command-failed',
        message: `"transfer-lab ${args[0] ?? ''}" ended without a result.`,
        remedy: 'Open the log of Transfer Lab to see what it printed.',
      },
      { cause },
    );
  }
}
