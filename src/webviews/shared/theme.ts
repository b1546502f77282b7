import { COLOURS } from './palette';

/** What a canvas needs to know of the theme; all else uses the variables in CSS. */
export interface ChartTheme {
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly background: string;
  /** In the order of COLOURS. */
  readonly colours: readonly string[];
  readonly fontFamily: string;
}

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, otherwise: string): string =>
    style.getPropertyValue(`--vscode-${name}`).trim() || otherwise;
  const foreground = read('foreground', 'CanvasText');
  return {
    foreground,
    muted: read('descriptionForeground', foreground),
    grid: read('editorIndentGuide-background1', read('widget-border', 'rgba(128, 128, 128, 0.25)')),
    background: read('editor-background', 'Canvas'),
    colours: COLOURS.map((name) => read(`charts-${name}`, foreground)),
    fontFamily: read('font-family', 'sans-serif'),
  };
}

/** VS Code changes the body's classes and the variables on the root when the learner picks another theme. */
export function onThemeChange(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  return () => observer.disconnect();
}

export const usesScreenReader = (): boolean => document.body.classList.contains('vscode-using-screen-reader');
