import axe from 'axe-core';
import type { Frame, Page } from 'playwright-core';

type Axe = Pick<typeof axe, 'run'>;

/** What axe finds serious or worse, with where it is. Colours are judged as they are drawn. */
export async function seriousViolations(page: Page | Frame): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: Axe };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`),
    }));
  });
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}\n${nodes.slice(0, 4).join('\n')}`);
}
