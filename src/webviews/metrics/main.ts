import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-label/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import 'uplot/dist/uPlot.min.css';
import type { MetricsHostFunctions, MetricsViewFunctions } from '../../protocol/webview';
import { connectToEditor } from '../shared/connect';
import { usesScreenReader } from '../shared/theme';
import { vsCodeApi } from '../shared/vscode-api';
import './chart';
import './confusion-matrix';
import './metrics.css';
import { isViewMessage } from './messages';
import { MetricsView } from './metrics-view';
import './pictures';
import './texts';
import { DEFAULT_STATE, readState } from './view-state';

const vscode = vsCodeApi();
const view = new MetricsView();

const functions: MetricsViewFunctions = {
  history: (runs, focusedRunId, parts) => view.setHistory(runs, focusedRunId, parts),
  append: (updates) => view.addUpdates(updates),
  candidates: (runs) => view.setCandidates(runs),
};

const editor = connectToEditor<MetricsHostFunctions, MetricsViewFunctions>(vscode, functions, isViewMessage);

view.host = {
  ready: () => void editor.ready.asEvent(),
  stop: (runId) => void editor.stop.asEvent(runId),
  resume: (runId) => void editor.resume.asEvent(runId),
  show: (runIds) => void editor.show.asEvent(runIds),
  pictures: (runId, files) => editor.pictures(runId, files),
  openFile: (runId, file) => void editor.openFile.asEvent(runId, file),
  revealExperiment: (runId) => void editor.revealExperiment.asEvent(runId),
  openReport: (runId) => void editor.openReport.asEvent(runId),
  tryIt: (runId) => void editor.tryIt.asEvent(runId),
};
view.viewState = readState(vscode.getState(), { ...DEFAULT_STATE, showTables: usesScreenReader() });
view.onState = (state) => vscode.setState({ ...state, savedAtMs: Date.now() });

document.body.append(view);
view.host.ready();
