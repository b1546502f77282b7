import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { DataHostFunctions, DataViewFunctions } from '../../protocol/data-view';
import { connectToEditor } from '../shared/connect';
import { vsCodeApi } from '../shared/vscode-api';
import './data.css';
import { DataView } from './data-view';
import { isDataMessage } from './messages';

const vscode = vsCodeApi();
const view = new DataView();

const editor = connectToEditor<DataHostFunctions, DataViewFunctions>(
  vscode,
  { show: (content) => (view.content = content) },
  isDataMessage,
);

view.host = {
  again: () => void editor.again.asEvent(),
  thumbnails: (files) => editor.thumbnails(files),
  openFile: (file) => void editor.openFile.asEvent(file),
};
document.body.append(view);
void editor.ready.asEvent();
