import type * as vscode from 'vscode';

/** Where a token is kept; what uses it loads when it is first needed. */
export type TokenPlace = Pick<vscode.ExtensionContext, 'globalState' | 'secrets'>;

let place: TokenPlace | undefined;

export function keepTokenIn(context: TokenPlace): void {
  place = context;
}

/** @throws {Error} before the extension is active */
export function tokenPlace(): TokenPlace {
  if (!place) throw new Error('The extension is not active.');
  return place;
}
