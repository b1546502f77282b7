import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import type { Verdict } from './host-entry';
import { readVerdict, type HostRun } from './run-host-tests';

/** The same suite in the desktop VS Code: what VSCODE_EXECUTABLE names, else what @vscode/test-electron downloads. */
export async function runInDesktop({ extension, tests, folder, window }: HostRun): Promise<Verdict> {
  const temporary = await mkdtemp(join(tmpdir(), 'transfer-lab-verdict-'));
  const file = join(temporary, 'verdict.json');
  const executable = process.env['VSCODE_EXECUTABLE'];
  const launchArgs = [folder, '--disable-extensions'];
  if (window.trust ?? true) launchArgs.push('--disable-workspace-trust');
  try {
    const code = await runTests({
      extensionDevelopmentPath: extension,
      extensionTestsPath: tests,
      extensionTestsEnv: { TRANSFER_LAB_VERDICT: file, TRANSFER_LAB_WINDOW: window.name },
      launchArgs,
      ...(executable === undefined ? {} : { vscodeExecutablePath: executable }),
    }).catch((error: unknown) => String(error));
    const verdict = await readVerdict(file);
    return (
      verdict ?? { passed: 0, failed: 1, notRun: 0, error: `the window ended without a verdict: ${code}` }
    );
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
