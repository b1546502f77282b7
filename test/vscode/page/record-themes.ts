import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillLearnerFolder } from '../learner-folder';
import { UiSession, uiSettings } from '../ui/context';
import { THEMES, type ThemeRecord } from './themes';

/** Reads what the real VS Code gives to the metrics view in each theme, and keeps it for the development page. */
export async function recordThemes(target: string): Promise<void> {
  const { root } = uiSettings();
  const used = await usedVariables(join(root, 'dist/webviews'));
  const records: Record<string, ThemeRecord> = {};
  for (const [shade, theme] of Object.entries(THEMES)) {
    const session = await UiSession.start(theme, (folder) => fillLearnerFolder(root, folder));
    try {
      const workbench = await session.window();
      await workbench.openFile('experiment.ts');
      await workbench.clickLens('Fine-tune', 'export const headOnly');
      const view = workbench.webview.locator('html');
      await view.locator('tl-metrics').waitFor();
      const { variables, bodyClass } = await view.evaluate((html) => ({
        variables: Object.fromEntries(
          [...html.style].map((name) => [name, html.style.getPropertyValue(name).trim()]),
        ),
        bodyClass: document.body.className,
      }));
      records[shade] = {
        bodyClass,
        variables: Object.fromEntries(
          Object.entries(variables)
            .filter(([name]) => used.has(name))
            .sort(),
        ),
      };
    } finally {
      await session.end();
    }
  }
  await writeFile(target, `${JSON.stringify(records, undefined, 2)}\n`);
}

async function usedVariables(folder: string): Promise<Set<string>> {
  const texts = await Promise.all(
    ['metrics.css', 'metrics.js'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  const script = texts.join('\n');
  const charts = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'].map(
    (name) => `--vscode-charts-${name}`,
  );
  return new Set([
    ...(script.match(/--vscode-[\w-]+/g) ?? []),
    ...charts,
    '--vscode-editorIndentGuide-background1',
  ]);
}
