import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { InstructionsHostFunctions, InstructionsViewFunctions } from '../../protocol/instructions';
import { connectToEditor } from '../shared/connect';
import { vsCodeApi } from '../shared/vscode-api';
import './instructions.css';
import { InstructionsView } from './instructions-view';
import { isViewMessage } from './messages';
import { readState } from './view-state';

const vscode = vsCodeApi();
const view = new InstructionsView();

const functions: InstructionsViewFunctions = {
  document: (document) => view.setDocument(document),
  status: (status) => view.setStatus(status),
  missing: (words) => view.setMissing(words),
};

const editor = connectToEditor<InstructionsHostFunctions, InstructionsViewFunctions>(
  vscode,
  functions,
  isViewMessage,
);

view.host = {
  ready: () => void editor.ready.asEvent(),
  act: (action) => void editor.act.asEvent(action),
  openFile: (path, line) => void editor.openFile.asEvent(path, line),
  openFinding: (check) => void editor.openFinding.asEvent(check),
  copy: (text) => void editor.copy.asEvent(text),
  manageTrust: () => void editor.manageTrust.asEvent(),
};
view.viewState = readState(vscode.getState());
view.onState = (state) => vscode.setState(state);

document.body.append(view);
view.host.ready();
