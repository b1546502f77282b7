// Runs in the extension host, in front of the suite. VS Code reports success also where the host died half-way (a crash,
// process.exit), so what counts is the verdict that this file writes once the suite has settled.
import { writeFileSync } from 'node:fs';
import { runSuite } from '../host/suite';
import type { SuiteResult } from '../steps';

export interface Verdict extends SuiteResult {
  readonly error?: string;
}

export async function run(): Promise<void> {
  const file = process.env['TRANSFER_LAB_VERDICT'];
  let verdict: Verdict = { passed: 0, failed: 1, notRun: 0, error: 'the suite did not run' };
  try {
    verdict = await runSuite();
  } catch (error) {
    verdict = {
      passed: 0,
      failed: 1,
      notRun: 0,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
    throw error;
  } finally {
    if (file) writeFileSync(file, JSON.stringify(verdict));
  }
  if (verdict.failed > 0) throw new Error(`${verdict.failed} failed`);
}
