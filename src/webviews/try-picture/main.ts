import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-label/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { TryContent, TryHostFunctions, TryViewFunctions } from '../../protocol/try-picture';
import { connectToEditor } from '../shared/connect';
import { vsCodeApi } from '../shared/vscode-api';
import { isTryMessage } from './messages';
import { keptContent, viewState } from './kept';
import './try-picture.css';
import { TryView } from './try-view';

const vscode = vsCodeApi();
const view = new TryView();
let kept = keptContent(vscode.getState());

const editor = connectToEditor<TryHostFunctions, TryViewFunctions>(
  vscode,
  {
    show: (content) => {
      const shown = withKept(content);
      vscode.setState(viewState(shown));
      view.content = shown;
      view.restored = shown !== content;
    },
  },
  isTryMessage,
);

/** After a reload of the window the editor knows the run alone; what was found then is still here. */
function withKept(content: TryContent): TryContent {
  const { busy, opening, problem, result, directory } = content;
  if (busy === undefined && !opening && !problem && !result && kept?.directory === directory) return kept;
  kept = undefined;
  return content;
}

view.host = {
  ready: () => void editor.ready.asEvent(),
  choose: () => void editor.choose.asEvent(),
  tryBytes: (name, bytes) => void editor.tryBytes.asEvent(name, bytes),
  tryFile: (address) => void editor.tryFile.asEvent(address),
  readLayer: (name) => void editor.readLayer.asEvent(name),
};
document.body.append(view);
view.host.ready();
