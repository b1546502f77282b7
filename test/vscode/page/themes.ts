import recorded from './themes.json';

export type Theme =
  'Default Dark Modern' | 'Default Light Modern' | 'Default High Contrast' | 'Default High Contrast Light';

/** The four kinds of theme that VS Code has, by the names that files of pictures carry. */
export const THEMES = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  'high-contrast-dark': 'Default High Contrast',
  'high-contrast-light': 'Default High Contrast Light',
} as const satisfies Record<string, Theme>;

export type Shade = keyof typeof THEMES;

export interface ThemeRecord {
  /** Classes that VS Code gives to the body of a webview. */
  readonly bodyClass: string;
  /** `--vscode-…`, those that the metrics view uses. */
  readonly variables: Readonly<Record<string, string>>;
}

/** As VS Code sets them: recorded by `node out/test/main.js themes`. */
export const RECORDED: Readonly<Record<string, ThemeRecord>> = recorded;
