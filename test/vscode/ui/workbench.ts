import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errors, type Frame, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { insist, PATIENCE_MS } from './insist';

/** What a person sees and does in VS Code's window. Selectors of the workbench are here and in `evidence.ts`, nowhere else. */
export class Workbench {
  constructor(readonly page: Page) {}

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page.locator('.part.sidebar .pane-header').first().waitFor();
  }

  /** Loads the window anew, once VS Code has kept what is open: it does so every few seconds, and not when a page goes. */
  async reload(): Promise<void> {
    const tabs = this.page.locator('.tabs-container .tab');
    const names = await tabs.evaluateAll((all) =>
      // "Metrics, Editor Group 2"
      all.map((tab) => (tab.getAttribute('aria-label') ?? '').replace(/, .*/, '')),
    );
    await insist('VS Code keeps what is open', async () => {
      const kept = await this.page.evaluate(readKeptEditors);
      return names.every((name) => kept.includes(name)) || delay(500, false);
    });
    await this.page.reload();
    await this.ready();
  }

  /** Until the window has handled what has been sent to it: it is idle when nothing waits, and each idle time may bring more. */
  async settled(): Promise<void> {
    await this.page.evaluate(async () => {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => requestIdleCallback(resolve));
    });
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.pick('Control+P', name, name);
    await this.showEditor(name);
  }

  /** Runs the command with this title. @returns when quick input has taken it */
  async runCommand(title: string): Promise<void> {
    await this.pick('F1', `>${title}`, title);
  }

  async goTo(line: number, column: number): Promise<void> {
    const place = this.statusItem(`Ln ${line}, Col ${column}`);
    await insist(`Ctrl+G goes to line ${line}, column ${column}`, async () => {
      await this.openQuickInput('Control+G');
      await this.quickInput.fill(`:${line}:${column}`, { timeout: PATIENCE_MS });
      await this.page.keyboard.press('Enter');
      await this.quickInput.waitFor({ state: 'hidden', timeout: PATIENCE_MS });
      await place.waitFor({ timeout: PATIENCE_MS });
      return true;
    });
  }

  /** What quick input shows and takes: a palette, a list of files, a line. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  /** An entry of quick input. */
  choice(text: string): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Opens quick input with a key and types into it, until that entry is there. */
  async search(key: string, text: string, wanted: string): Promise<void> {
    await insist(`${key} and "${text}" show "${wanted}"`, async () => {
      await this.openQuickInput(key);
      await this.quickInput.fill(text, { timeout: PATIENCE_MS });
      await this.choice(wanted).waitFor({ timeout: PATIENCE_MS });
      return true;
    });
  }

  private async pick(key: string, text: string, wanted: string): Promise<void> {
    await insist(`${key} and "${text}" lead to "${wanted}"`, async () => {
      await this.search(key, text, wanted);
      return this.clickOnce(this.choice(wanted));
    });
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  private async openQuickInput(key: string): Promise<void> {
    if (await this.quickInput.isVisible()) await this.page.keyboard.press('Escape');
    await this.page.keyboard.press(key);
    await this.quickInput.waitFor({ timeout: PATIENCE_MS });
  }

  /** Entries of the completion list. */
  get suggestions(): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row');
  }

  /** Asks for completions until this one is there: the language service needs some seconds to start. */
  async waitForSuggestion(text: string): Promise<void> {
    await insist(`Ctrl+Space suggests ${text}`, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Control+Space');
      await this.suggestions.filter({ hasText: text }).first().waitFor({ timeout: 3000 });
      return true;
    });
  }

  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text });
  }

  /** Clicks the CodeLens with this title above the line that begins with `code`, which must be in sight. */
  async clickLens(title: string, code: string): Promise<void> {
    await insist(`a click on "${title}" above "${code}"`, async () => {
      const index = await this.lens(title).evaluateAll(indexAbove, code);
      // The editor takes the pointer when it is pressed: the click itself never reaches the lens.
      return index < 0 ? delay(200, false) : this.clickOnce(this.lens(title).nth(index), 'pointerdown');
    });
  }

  /** Clicks until the click has arrived. */
  async click(target: Locator): Promise<void> {
    await insist(`a click on ${String(target)}`, async () => {
      // What was opened by a key that came late would cover it.
      if (await this.quickInput.isVisible()) await this.page.keyboard.press('Escape');
      return this.clickOnce(target);
    });
  }

  /** @returns whether the element itself was clicked: it can be drawn anew after Playwright has looked where it is */
  private async clickOnce(target: Locator, event: 'click' | 'pointerdown' = 'click'): Promise<boolean> {
    const element = await target.elementHandle({ timeout: PATIENCE_MS });
    if (!element) return false;
    const arrived = await element.evaluateHandle((node, name) => {
      const clicks = { count: 0 };
      node.addEventListener(name, () => clicks.count++, { capture: true });
      return clicks;
    }, event);
    try {
      await element.click({ timeout: PATIENCE_MS });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    return arrived.evaluate(({ count }) => count > 0);
  }

  /** Brings a tab to the front. */
  async showTab(name: string): Promise<void> {
    const tab = this.page.getByRole('tab', { name });
    await insist(`the tab ${name} is in front`, async () => {
      await tab.click({ timeout: PATIENCE_MS });
      await this.page.getByRole('tab', { name, selected: true }).waitFor({ timeout: PATIENCE_MS });
      return true;
    });
  }

  /** Brings the tab of a file to the front and the keyboard into its editor. */
  async showEditor(name: string): Promise<void> {
    await insist(`the keyboard is in the editor of ${name}`, async () => {
      await this.showTab(name);
      const group = this.page.locator('.editor-group-container.active', {
        has: this.page.getByRole('tab', { name, selected: true }),
      });
      await group.locator('.monaco-editor.focused .view-line').first().waitFor({ timeout: PATIENCE_MS });
      return true;
    });
  }

  /** Puts a text in place of what a file holds and saves it. @param isSaved whether the text is on the disk */
  async replaceText(name: string, text: string, isSaved: () => Promise<boolean>): Promise<void> {
    await insist(`${name} is written anew`, async () => {
      await this.showEditor(name);
      await this.page.keyboard.press('Control+A');
      await this.page.keyboard.press('Delete');
      await this.page.keyboard.insertText(text);
      await this.page.keyboard.press('Control+S');
      for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
        if (await isSaved()) return true;
        await delay(200);
      }
      return false;
    });
  }

  /** Opens a view container of the activity bar. A click on the one that is open would close it. */
  async showContainer(name: string): Promise<void> {
    const title = this.page.locator('.part.sidebar .composite.title', { hasText: name });
    await insist(`the side bar shows ${name}`, async () => {
      if (await title.isVisible()) return true;
      const tab = this.page.locator('.activitybar').getByRole('tab', { name });
      await tab.click({ timeout: PATIENCE_MS });
      await title.waitFor({ timeout: PATIENCE_MS });
      return true;
    });
  }

  /** A row by its visible label: its accessible name is the tooltip where it has one. */
  row(tree: string | RegExp, label: string | RegExp): Locator {
    return this.page
      .getByRole('tree', { name: tree })
      .locator('.monaco-list-row', { has: this.page.locator('.label-name', { hasText: label }) });
  }

  statusItem(text: string): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** Waits for text that an extension shows behind lines: it is style content, not text of the document. */
  async waitForInlineText(pattern: RegExp): Promise<void> {
    await this.page.waitForFunction(
      (source) =>
        [...document.querySelectorAll('.view-line span[class*="ced-"]')].some((element) =>
          new RegExp(source).test(getComputedStyle(element, '::after').content),
        ),
      pattern.source,
    );
  }

  /** The extension's own document: a webview is a frame in a frame. */
  get webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('iframe#active-frame');
  }

  /** The metrics view's own document, among those of other webviews. */
  metrics(): Promise<Frame> {
    return this.viewWith('Metrics', 'tl-metrics h1');
  }

  /** The document of the view in which a picture is tried. */
  tryPicture(): Promise<Frame> {
    return this.viewWith('Try a picture', 'tl-try-picture h1');
  }

  /** Starts exercise 1 from the list of exercises. @returns its instructions */
  async startExercise(): Promise<Frame> {
    await this.showContainer('Transfer Lab');
    await this.click(this.row(/Exercises/, 'Fine-tune an image classifier'));
    return this.instructions();
  }

  /** The instructions' own document. */
  instructions(): Promise<Frame> {
    return this.viewWith('Instructions', 'tl-instructions h1');
  }

  /** Brings another tab in front of a view, until the view's document is gone, as VS Code does with what is hidden. */
  async hide(view: Frame, behind: string): Promise<void> {
    await this.showTab(behind);
    await insist(
      `${behind} takes down the view behind it`,
      async () => view.isDetached() || delay(200, false),
    );
  }

  private async viewWith(title: string, content: string): Promise<Frame> {
    await this.page.getByRole('tab', { name: title }).waitFor();
    let view: Frame | undefined;
    await insist(`the view ${title} has loaded`, async () => {
      for (const frame of this.page.frames()) {
        const found = await frame
          .locator(content)
          .count()
          .catch(() => 0); // A frame that is just going away.
        if (found > 0) view = frame;
      }
      return view !== undefined || delay(200, false);
    });
    return view as Frame;
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }
}

/** The element has gone while it was to be clicked: one that was drawn anew stands in its place. */
const isGone = (error: unknown): boolean =>
  error instanceof errors.TimeoutError || /not attached|detached/.test(String(error));

/** In the page. @returns which of the lenses is the nearest above the line that begins with `code`; -1 where none is */
function indexAbove(lenses: Element[], code: string): number {
  const lines = [...document.querySelectorAll('.view-line')];
  const line = lines.find(({ textContent }) => textContent?.replaceAll('\u00a0', ' ').startsWith(code));
  if (!line) return -1;
  const { top, height } = line.getBoundingClientRect();
  return lenses.findIndex((lens) => {
    const above = top - lens.getBoundingClientRect().top;
    return above > 0 && above < 2 * height;
  });
}

/** In the page. @returns what VS Code in a browser has kept of the open editors */
async function readKeptEditors(): Promise<string> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
    });
  let kept = '';
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith('vscode-web-state-db')) continue;
    const database = await done(indexedDB.open(name));
    if (database.objectStoreNames.contains('ItemTable')) {
      const store = database.transaction('ItemTable').objectStore('ItemTable');
      kept += String(await done(store.get('memento/workbench.parts.editor')));
    }
    database.close();
  }
  return kept;
}
