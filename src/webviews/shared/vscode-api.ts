/** What VS Code gives to a webview. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** May be called once in a page's life. */
export const vsCodeApi = (): VsCodeApi => acquireVsCodeApi();
