import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../harness/browser';
import { uiSettings } from '../ui/context';
import { seriousViolations } from './axe';
import { THEMES, type Shade } from './themes';
import { ViewPage, type PageOptions } from './view-page';

export const SHADES = Object.keys(THEMES) as Shade[];

/** What a suite of one of our views is made with. */
export interface SuiteOptions extends Omit<PageOptions, 'picture'> {
  /** A real picture for every file that the view asks for. */
  readonly withPicture?: boolean;
}

/** A view on a page of its own in each test of a suite. The page may complain of nothing. */
export class PageSuite {
  private browser: Browser | undefined;
  private current: ViewPage | undefined;
  /** Address of a real picture, once the suite runs. */
  picture = '';

  /** Called in a suite: it sets up and takes down what the tests need. */
  constructor(private readonly options: SuiteOptions) {
    suiteSetup(async () => {
      this.browser = await launchBrowser();
      const bytes = await readFile(join(uiSettings().root, 'media/data/emoji-10/test/crab/003.png'));
      this.picture = `data:image/png;base64,${bytes.toString('base64')}`;
    });
    suiteTeardown(async () => this.browser?.close());
    teardown(async () => {
      await this.view.page.close();
      const words = 'no error, no violation of the policy, no request elsewhere';
      assert.deepEqual(this.view.complaints, [], words);
    });
  }

  /** The page that was opened last. */
  get view(): ViewPage {
    assert.ok(this.current, 'no page was opened');
    return this.current;
  }

  async open(shade: Shade, changes: Partial<PageOptions> = {}): Promise<ViewPage> {
    assert.ok(this.browser);
    const { withPicture, ...options } = this.options;
    const picture = withPicture ? { picture: this.picture } : {};
    this.current = await ViewPage.open(this.browser, uiSettings().root, shade, {
      ...options,
      ...picture,
      ...changes,
    });
    return this.current;
  }

  /**
   * Tests that every content is accessible and fits every width in every theme; pictures of all are kept.
   * @param contents by name, made when the suite runs
   */
  fits<Content>(
    contents: () => Readonly<Record<string, Content>>,
    { prefix, widths, height, ready, fullPage = false }: FitOptions<Content>,
  ): void {
    for (const shade of SHADES) {
      test(`is accessible and fits every width, in the theme ${THEMES[shade]}`, async () => {
        const { page } = await this.open(shade);
        for (const width of widths) {
          await page.setViewportSize({ width, height });
          for (const [name, content] of Object.entries(contents())) {
            await this.view.send('show', content);
            await ready(page, content);
            await page.screenshot({ path: screenshotPath(`${prefix}-${name}-${shade}-${width}`), fullPage });
            assert.deepEqual(await seriousViolations(page), [], `${name}, ${width}`);
            const needed = await page.evaluate(() => document.documentElement.scrollWidth);
            assert.ok(needed <= width, `${name} needs ${needed} px of ${width}`);
          }
        }
      });
    }
  }
}

export interface FitOptions<Content> {
  /** Of the names of the pictures. */
  readonly prefix: string;
  readonly widths: readonly number[];
  readonly height: number;
  /** Waits until the content is drawn. */
  readonly ready: (page: Page, content: Content) => Promise<void>;
  readonly fullPage?: boolean;
}

export const screenshotPath = (name: string): string =>
  join(uiSettings().screenshots, 'page', `${name.replaceAll(' ', '-')}.png`);
