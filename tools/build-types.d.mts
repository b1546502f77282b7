/** Writes `dist/types/` below `root`. */
export function buildTypes(root: string): Promise<{ files: number; bytes: number }>;
