import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

interface Row {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
}

/** A flat list of rows that is read when it is looked at. */
export class RowsTree implements vscode.TreeDataProvider<Row> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private read: () => Promise<Row[]>) {}

  replace(rows: Row[]): void {
    this.read = () => Promise.resolve(rows);
    this.changed.fire();
  }

  getChildren(row?: Row): Promise<Row[]> {
    return row ? Promise.resolve([]) : this.read();
  }

  getTreeItem({ label, description, icon }: Row): vscode.TreeItem {
    const item = new vscode.TreeItem(label);
    item.description = description;
    item.tooltip = `${label}: ${description}`;
    item.iconPath = new vscode.ThemeIcon(icon);
    return item;
  }
}

/** The models that come with the extension: parameters, size, licence. */
export async function embeddedModels(root: string): Promise<Row[]> {
  const folder = path.join(root, 'media', 'models');
  const entries = await fs.readdir(folder, { withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const text = await fs.readFile(path.join(folder, name, 'config.json'), 'utf8');
        const { parameters, license } = JSON.parse(text) as { parameters?: number; license?: string };
        const files = await fs.readdir(path.join(folder, name));
        const weights = files.find((file) => file.endsWith('.safetensors'));
        const bytes = weights === undefined ? 0 : (await fs.stat(path.join(folder, name, weights))).size;
        const million = ((parameters ?? 0) / 1e6).toFixed(1);
        const description = `${million} M parameters · ${(bytes / 1e6).toFixed(1)} MB · ${license ?? ''}`;
        return { label: name, description, icon: 'symbol-structure' };
      }),
  );
}

/** What "transfer-lab doctor" found, one row for each answer. */
export function doctorRows(report: unknown): Row[] {
  return Object.entries(report as Record<string, unknown>).map(([label, value]) => ({
    label,
    description: typeof value === 'string' ? value : JSON.stringify(value),
    icon: 'info',
  }));
}
