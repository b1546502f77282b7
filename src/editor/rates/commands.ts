import type * as vscode from 'vscode';
import type { SuggestionId } from '../../protocol/rate-test';
import { guarded, trusted } from '../guard';
import { Joined } from '../joined';
import { currentExperiment, isTarget, revealTarget, saveAll } from '../runs/current-experiment';
import type { Rates } from './rates';

export function registerRateCommands(panels: Rates, log: vscode.LogOutputChannel): vscode.Disposable[] {
  // A second click, while the first one's process starts, is for the same test.
  const joined = new Joined();
  return [
    guarded(log, 'findLearningRate', async (given) => {
      if (!trusted()) return;
      const target = isTarget(given) ? given : await currentExperiment();
      if (!target) return;
      const { file, experiment } = target;
      await joined.do(`${experiment} of ${file}`, async () => {
        if (await saveAll(file)) await panels.start(file, experiment);
      });
    }),
    guarded(log, 'rates.use', (suggestion) => panels.use(suggestion as SuggestionId)),
    guarded(log, 'rates.reveal', (given) => (isTarget(given) ? revealTarget(given) : undefined)),
  ];
}
