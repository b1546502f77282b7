/** Paths without `.assembly.ts`. */
export const SOURCES: readonly string[];
/** The text of `<source>-wasm.ts`. */
export function wasmFile(source: string): Promise<string>;
