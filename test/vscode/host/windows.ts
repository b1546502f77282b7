import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fillLearnerFolder } from '../learner-folder';

/** A window that tests run in: what lies in its folder, and how it is opened. Its tests are in `suites.ts`. */
export interface HostWindow {
  readonly name: WindowName;
  readonly fill: (root: string, folder: string) => Promise<void>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Default: true. */
  readonly trust?: boolean;
}
export type WindowName = 'learner' | 'empty' | 'restricted';

export const HOST_WINDOWS: readonly HostWindow[] = [
  { name: 'empty', fill: (_root, folder) => writeFile(join(folder, 'notes.txt'), 'Nothing of ours.\n') },
  { name: 'restricted', fill: fillLearnerFolder, trust: false },
  { name: 'learner', fill: fillLearnerFolder },
];
