import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { LearnerError, type Problem } from '../protocol/errors';
import { chosenNode, environmentFor } from './chosen-node';

export interface CliOptions {
  /** For its standard input. */
  readonly input?: string;
  /** The longest time without a line. */
  readonly timeoutMs?: number;
  /** Of its environment, besides that of this process. */
  readonly more?: Readonly<Record<string, string>>;
  /** Ends it; the caller, who knows why, need not look at what it throws. */
  readonly signal?: AbortSignal;
}

/**
 * Runs our command line in a child process, to its end.
 * @param onLine called with each line that it prints
 * @returns the JSON object of its last line
 * @throws {LearnerError} what the command itself reports, or 'command-failed'
 */
export async function runCli(
  root: string,
  args: readonly string[],
  log: vscode.LogOutputChannel,
  onLine?: (line: string) => void,
  { input, timeoutMs = 0, more = {}, signal }: CliOptions = {},
): Promise<unknown> {
  const node = await chosenNode(log);
  let tooLong = false;
  const output = await new Promise<string>((resolve) => {
    const options = {
      env: { ...environmentFor(node), ...more },
      maxBuffer: 50_000_000,
      windowsHide: true,
      ...(signal ? { signal } : {}),
    };
    const command = [path.join(root, 'dist', 'cli.js'), ...args];
    const child = execFile(node.path, command, options, (error, stdout, stderr) => {
      clearTimeout(timer);
      if (stderr) log.info(stderr);
      if (error && signal?.aborted !== true) log.info(`${args.join(' ')}: ${error.message}`);
      resolve(stdout);
    });
    const wait = (): NodeJS.Timeout | undefined =>
      timeoutMs === 0 ? undefined : setTimeout(() => (tooLong = child.kill()), timeoutMs);
    let timer = wait();
    child.stdin?.on('error', (error) => log.info(`${args.join(' ')}: ${error.message}`)); // It ended without reading.
    child.stdin?.end(input ?? '');
    if (onLine && child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        clearTimeout(timer);
        timer = wait();
        onLine(line);
      });
  });
  const answer = parsed(output.trim().split('\n').at(-1) ?? '');
  if (tooLong) {
    throw new LearnerError({
      code: 'never-ends',
      message: vscode.l10n.t('Reading the file was not done after {0} seconds.', timeoutMs / 1000),
      remedy: vscode.l10n.t(
        'Look for a loop without an end at the top level; an experiment only describes a run.',
      ),
    });
  }
  if (typeof answer !== 'object' || answer === null) {
    log.info(output);
    throw new LearnerError({
      code: 'command-failed',
      message: vscode.l10n.t('"transfer-lab {0}" ended without a result.', args[0] ?? ''),
      remedy: vscode.l10n.t('Open the log of Transfer Lab to see what it printed.'),
    });
  }
  if ('problem' in answer && 'ok' in answer && answer.ok === false) {
    throw new LearnerError(answer.problem as Problem);
  }
  return answer;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // The caller says that there was no result.
  }
}
