const KINDS = ['reading', 'plan', 'problem'];

/** Calls of the editor that this view understands (birpc); everything else is ignored. */
export function isPlanMessage(data: unknown): boolean {
  const { t, m, a } = (data ?? {}) as { t?: unknown; m?: unknown; a?: unknown };
  if (t !== 'q' || m !== 'show' || !Array.isArray(a)) return false;
  const [content] = a as { kind?: unknown; plan?: { maps?: unknown } }[];
  if (!KINDS.includes(String(content?.kind))) return false;
  return content?.kind !== 'plan' || Array.isArray(content.plan?.maps);
}
