import '@vscode-elements/elements/dist/vscode-button/index.js';
import 'uplot/dist/uPlot.min.css';
import type { RateHostFunctions, RateViewFunctions } from '../../protocol/rate-test';
import { connectToEditor } from '../shared/connect';
import { vsCodeApi } from '../shared/vscode-api';
import './learning-rate.css';
import { isRateMessage } from './messages';
import { RateView } from './rate-view';

const vscode = vsCodeApi();
const view = new RateView();

const editor = connectToEditor<RateHostFunctions, RateViewFunctions>(
  vscode,
  {
    show: (shown) => {
      vscode.setState({ version: 1, directory: shown.directory });
      view.shown = shown;
    },
  },
  isRateMessage,
);

view.host = {
  ready: () => void editor.ready.asEvent(),
  stop: () => void editor.stop.asEvent(),
  again: () => void editor.again.asEvent(),
  revealExperiment: () => void editor.revealExperiment.asEvent(),
  useRate: (suggestion) => void editor.useRate.asEvent(suggestion),
};
document.body.append(view);
view.host.ready();
