import type { InstructionsViewState } from '../../protocol/instructions';

/** State of an earlier life of this view; whatever is not as it should be takes its default. */
export function readState(saved: unknown): InstructionsViewState {
  const { folder, heading, offset } = (saved ?? {}) as Partial<Record<keyof InstructionsViewState, unknown>>;
  const isPlace = typeof heading === 'string' && typeof offset === 'number' && Number.isFinite(offset);
  return {
    version: 1,
    folder: typeof folder === 'string' ? folder : '',
    heading: isPlace ? heading : '',
    offset: isPlace ? offset : 0,
  };
}
