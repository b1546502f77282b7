import type { DataInfo, Prediction } from './events';

/** What a run learns from. */
export type ItemKind = 'pictures' | 'texts';

/** One of them, in words. */
export const ITEM: Readonly<Record<ItemKind, string>> = { pictures: 'picture', texts: 'text' };

export function itemKind(data: Pick<DataInfo, 'items'> | undefined): ItemKind {
  return data?.items ?? 'pictures';
}

/** "Pictures", for the head of a column. */
export const itemsTitle = (kind: ItemKind): string => (kind === 'texts' ? 'Texts' : 'Pictures');

/** Where a prediction's item stands: of a text perhaps the line of its file, from 1. */
export function placeOf({ file, text }: Pick<Prediction, 'file' | 'text'>): { file: string; line?: number } {
  const found = text === undefined ? undefined : /^(.+):(\d+)$/s.exec(file);
  return found ? { file: found[1] ?? file, line: Number(found[2]) } : { file };
}
