import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { PlanHostFunctions, PlanViewFunctions } from '../../protocol/freeze-map';
import { connectToEditor } from '../shared/connect';
import { vsCodeApi } from '../shared/vscode-api';
import './plan.css';
import { isPlanMessage } from './messages';
import { PlanView } from './plan-view';

const vscode = vsCodeApi();
const view = new PlanView();

const editor = connectToEditor<PlanHostFunctions, PlanViewFunctions>(
  vscode,
  { show: (content) => (view.content = content) },
  isPlanMessage,
);

view.host = { estimate: () => void editor.estimate.asEvent() };
document.body.append(view);
void editor.ready.asEvent();
