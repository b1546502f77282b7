import type { BirpcReturn } from 'birpc';
import type * as vscode from 'vscode';

/**
 * Calls to a webview, and its calls to the editor.
 * @param allows what the view may say; everything else is ignored
 */
export async function connectView<View extends object, Host extends object>(
  webview: vscode.Webview,
  functions: Host,
  allows: (data: unknown) => boolean,
): Promise<BirpcReturn<View, Host>> {
  const { createBirpc } = await import('birpc');
  return createBirpc<View, Host>(functions, {
    post: (data) => void webview.postMessage(data),
    on: (receive) => webview.onDidReceiveMessage((data: unknown) => allows(data) && receive(data)),
  });
}
