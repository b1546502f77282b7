import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEstimate } from '../../protocol/estimate';
import { ESTIMATES_FOLDER } from '../../protocol/run-files';
import { writeFileAtomically } from '../../course/write-file-atomically';

const KEPT = 20;

/** Beside the runs of the folder, by the settings that it is for. */
export async function keepEstimate(folder: string, estimate: RunEstimate): Promise<void> {
  const kept = join(folder, ESTIMATES_FOLDER);
  await mkdir(kept, { recursive: true });
  await writeFileAtomically(fileOf(folder, estimate.settings), `${JSON.stringify(estimate, null, 2)}\n`);
  const names = (await readdir(kept)).filter((name) => name.endsWith('.json'));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(kept, name))).mtimeMs })),
  );
  aged.sort((a, b) => b.time - a.time);
  for (const { name } of aged.slice(KEPT)) await rm(join(kept, name), { force: true });
}

/** undefined where none was made for these settings, or it cannot be read: an estimate is worth no failure. */
export async function keptEstimate(folder: string, settings: string): Promise<RunEstimate | undefined> {
  try {
    const found = JSON.parse(await readFile(fileOf(folder, settings), 'utf8')) as Partial<RunEstimate>;
    const whole =
      found.version === 1 &&
      found.settings === settings &&
      Array.isArray(found.phases) &&
      Array.isArray(found.notes) &&
      found.counts !== undefined &&
      [found.seconds?.value, found.memory?.value, found.epochs].every(Number.isFinite);
    return whole ? (found as RunEstimate) : undefined;
  } catch {
    return undefined;
  }
}

const fileOf = (folder: string, settings: string): string =>
  join(folder, ESTIMATES_FOLDER, `${settings}.json`);
