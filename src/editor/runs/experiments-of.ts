import * as vscode from 'vscode';
import { findExperiments, type ExperimentPlace } from '../../training/runs/find-experiments';

/** Files that may hold experiments: .ts, .mts, .js, .mjs and their relatives, on a disk. */
export const EXPERIMENT_FILES: readonly vscode.DocumentFilter[] = ['typescript', 'javascript'].map(
  (language) => ({ language, scheme: 'file' }),
);

interface Reading {
  readonly version: number;
  readonly places: readonly ExperimentPlace[];
}
const readings = new WeakMap<vscode.TextDocument, Reading>();

/** The experiments of a document, read once for each version of its text. */
export function experimentsOf(document: vscode.TextDocument): readonly ExperimentPlace[] {
  if (vscode.languages.match(EXPERIMENT_FILES, document) === 0) return [];
  const known = readings.get(document);
  if (known?.version === document.version) return known.places;
  const places = findExperiments(document.getText());
  readings.set(document, { version: document.version, places });
  return places;
}
