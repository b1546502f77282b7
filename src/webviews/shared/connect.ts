import { createBirpc, type BirpcReturn } from 'birpc';
import type { VsCodeApi } from './vscode-api';

/**
 * Calls to the editor, and its calls to this view.
 * @param understands what `messages.ts` of the view lets through; everything else is ignored
 */
export function connectToEditor<Host extends object, View extends object>(
  vscode: VsCodeApi,
  functions: View,
  understands: (data: unknown) => boolean,
): BirpcReturn<Host, View> {
  return createBirpc<Host, View>(functions, {
    timeout: -1, // The editor always answers; how soon is up to the computer.
    post: (data) => vscode.postMessage(data),
    on: (receive) =>
      window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (understands(data)) receive(data);
      }),
  });
}
