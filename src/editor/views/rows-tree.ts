import * as vscode from 'vscode';

export interface Row {
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  readonly icon: string;
  readonly command?: vscode.Command;
  /** Shown below it, opened. */
  readonly rows?: readonly Row[];
}

/** Rows that are read when they are looked at. */
export class RowsTree implements vscode.TreeDataProvider<Row> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private read: () => Promise<readonly Row[]>) {}

  replace(rows: readonly Row[]): void {
    this.read = () => Promise.resolve(rows);
    this.changed.fire();
  }

  async getChildren(row?: Row): Promise<Row[]> {
    return row ? [...(row.rows ?? [])] : [...(await this.read())];
  }

  getTreeItem({ label, description, tooltip, icon, command, rows }: Row): vscode.TreeItem {
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, rows && rows.length > 0 ? Expanded : None);
    if (description !== undefined) item.description = description;
    item.tooltip = tooltip ?? (description === undefined ? label : `${label}: ${description}`);
    item.iconPath = new vscode.ThemeIcon(icon);
    if (command) item.command = command;
    return item;
  }
}
