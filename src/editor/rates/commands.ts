import type * as vscode from 'vscode';
import type { SuggestionId } from '../../protocol/rate-test';
import { guarded, trusted } from '../guard';
import { currentExperiment, isTarget, revealTarget, saveAll } from '../runs/current-experiment';
import type { Rates } from './rates';

export function registerRateCommands(panels: Rates, log: vscode.LogOutputChannel): vscode.Disposable[] {
  return [
    guarded(log, 'findLearningRate', async (given) => {
      if (!trusted()) return;
      const target = isTarget(given) ? given : await currentExperiment();
      if (target && (await saveAll(target.file))) await panels.start(target.file, target.experiment);
    }),
    guarded(log, 'rates.use', (suggestion) => panels.use(suggestion as SuggestionId)),
    guarded(log, 'rates.reveal', (given) => (isTarget(given) ? revealTarget(given) : undefined)),
  ];
}
