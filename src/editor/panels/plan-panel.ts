import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { RunEstimate } from '../../protocol/estimate';
import type { PlanContent, PlanHostFunctions, TrainingPlan } from '../../protocol/freeze-map';
import type { ExperimentTarget } from '../runs/current-experiment';
import { ExperimentPanel } from './experiment-panel';
import { call } from './view-messages';

const message = z.union(['ready', 'estimate'].map((name) => call(name, z.tuple([]))));
const isPlanMessage = (data: unknown): boolean => message.safeParse(data).success;

/** The view "What would train": the map of one experiment. */
export class PlanPanel extends ExperimentPanel<PlanContent, PlanHostFunctions> {
  constructor(root: string, log: vscode.LogOutputChannel) {
    super(root, log, {
      viewType: 'transferLab.plan',
      page: 'plan',
      title: vscode.l10n.t('What would train'),
    });
  }

  /** What is shown, for tests. */
  get shown(): PlanContent | undefined {
    return this.content;
  }

  protected functions(): PlanHostFunctions {
    return { ready: () => this.draw(), estimate: () => void this.estimate() };
  }

  protected allows(data: unknown): boolean {
    return isPlanMessage(data);
  }

  protected reading(experiment: string): PlanContent {
    return { kind: 'reading', experiment };
  }

  protected async look(target: ExperimentTarget, signal: AbortSignal): Promise<PlanContent> {
    const answer = await this.ask<PlanAnswer>('plan', target, { signal });
    return 'kind' in answer ? answer : planContent(answer, target.file);
  }

  /** A few steps in processes of their own. An edit ends them: they would tell of the code before it. */
  async estimate(): Promise<void> {
    const { target, content } = this;
    if (!target || content?.kind !== 'plan' || content.estimate?.kind === 'measuring') return;
    const { signal } = this;
    this.set({ ...content, estimate: { kind: 'measuring' } });
    const more = ['--estimate'];
    const answer = await this.ask<PlanAnswer>('plan', target, { signal, more, onLine: () => undefined });
    if (signal.aborted) return;
    if (!('kind' in answer)) return this.set(planContent(answer, target.file));
    const { message, remedy } = answer;
    this.set({ ...content, estimate: { kind: 'problem', message, remedy } });
  }
}

interface PlanAnswer {
  readonly plan: TrainingPlan;
  readonly estimate?: RunEstimate;
}
type Told = PlanAnswer & { readonly saved: boolean };

function planContent({ plan, estimate, saved }: Told, file: string): PlanContent {
  return { kind: 'plan', plan, file, saved, ...(estimate ? { estimate: { kind: 'known', estimate } } : {}) };
}
