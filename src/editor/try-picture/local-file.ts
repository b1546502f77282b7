/**
 * The file that an address dragged out of the editor's lists means; undefined for what is no file of this machine. Network
 * paths are refused: opening one tells another machine who asks.
 * @param uri as the editor parses it
 */
export function localFile(uri: { readonly scheme: string; readonly fsPath: string }): string | undefined {
  if (uri.scheme !== 'file' && uri.scheme !== 'vscode-remote') return undefined;
  return /^[\\/]{2}/.test(uri.fsPath) ? undefined : uri.fsPath;
}
