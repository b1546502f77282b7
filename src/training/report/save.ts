import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { LearnerError } from '../../protocol/errors';
import { isFull, realFiles, renamePatiently, writeDurably } from '../runs/files';

/**
 * Saves a report whole or not at all: an older one stays until the new one is there.
 * @param about paths that `transfer-lab report` makes it from
 * @throws {LearnerError} 'report-not-saved'
 */
export async function saveReport(path: string, html: string, about: readonly string[]): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    writeDurably(realFiles, temporary, Buffer.from(html));
    renamePatiently(realFiles, temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw notSaved(about, error);
  }
}

function notSaved(about: readonly string[], error: unknown): LearnerError {
  const reason = isFull(error) ? 'the disk is full' : error instanceof Error ? error.message : String(error);
  return new LearnerError(
    {
      code: 'report-not-saved',
      message: `The report could not be saved: ${reason}. The runs themselves are kept.`,
      remedy: `Make room for it, then: transfer-lab report ${about.map((one) => `"${one}"`).join(' ')}`,
    },
    { cause: error },
  );
}
