import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { LearnerError } from '../../protocol/errors';
import type { Row } from './rows-tree';

/** The models that come with the extension, smallest first; a click opens the model's card. */
export async function embeddedModels(root: string): Promise<Row[]> {
  const folder = path.join(root, 'media', 'models');
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const models = await Promise.all(names.map((name) => readModel(path.join(folder, name), name)));
  return models.sort((a, b) => a.parameters - b.parameters).map(({ row }) => row);
}

async function readModel(folder: string, name: string): Promise<{ parameters: number; row: Row }> {
  const { parameters = 0, license } = await readConfig(path.join(folder, 'config.json'));
  const files = await fs.readdir(folder);
  const weights = files.filter((file) => file.endsWith('.safetensors'));
  const sizes = await Promise.all(weights.map((file) => fs.stat(path.join(folder, file))));
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  const card = path.join(folder, 'README.md');
  const million = (parameters / 1e6).toFixed(1);
  const megabytes = (bytes / 1e6).toFixed(1);
  const row: Row = {
    label: name,
    description: vscode.l10n.t('{0} M parameters · {1} MB', million, megabytes),
    tooltip: [
      vscode.l10n.t('{0}: {1} million parameters, {2} MB on the disk.', name, million, megabytes),
      ...(license === undefined ? [] : [vscode.l10n.t('Licence: {0}', license)]),
      vscode.l10n.t('It comes with Transfer Lab and needs no network.'),
    ].join('\n'),
    icon: 'symbol-structure',
    ...(files.includes('README.md')
      ? {
          command: {
            command: 'markdown.showPreview',
            title: vscode.l10n.t('Open the card of the model'),
            arguments: [vscode.Uri.file(card)],
          },
        }
      : {}),
  };
  return { parameters, row };
}

async function readConfig(file: string): Promise<{ parameters?: number; license?: string }> {
  try {
    const { parameters, license } = JSON.parse(await fs.readFile(file, 'utf8')) as Record<string, unknown>;
    return {
      ...(typeof parameters === 'number' ? { parameters } : {}),
      ...(typeof license === 'string' ? { license } : {}),
    };
  } catch (cause) {
    throw new LearnerError(
      {
        code: 'damaged-installation',
        message: vscode.l10n.t('{0} cannot be read.', file),
        remedy: vscode.l10n.t('Install Transfer Lab again.'),
      },
      { cause },
    );
  }
}
