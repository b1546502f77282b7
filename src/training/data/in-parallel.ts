/** Decoding runs in sharp's own threads. */
const PARALLEL = 8;

/** In order, a few at a time; undefined results are left out. */
export async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R | undefined>,
): Promise<R[]> {
  const results: (R | undefined)[] = new Array<R | undefined>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results.filter((result): result is Awaited<R> & R => result !== undefined);
}
