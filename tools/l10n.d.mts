/** l10n/bundle.l10n.json */
export const BUNDLE: string;
/** What the bundle should hold. */
export function bundleText(): string;
export function textsOf(source: string, file: string): string[];
