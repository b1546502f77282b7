import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errors, type Frame, type FrameLocator, type Locator, type Page } from 'playwright-core';

/** What a person sees and does in VS Code's window. Selectors of the workbench are here and nowhere else. */
export class Workbench {
  constructor(readonly page: Page) {}

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    await this.page.locator('.part.sidebar .pane-header').first().waitFor();
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    await this.quickInput.waitFor();
    await this.quickInput.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    await this.page.getByRole('tab', { name }).waitFor();
    await this.page.locator('.monaco-editor .view-lines').first().waitFor();
  }

  /** Runs the command with this title. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.quickInput.waitFor();
    await this.quickInput.fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  async goTo(line: number, column: number): Promise<void> {
    await this.page.keyboard.press('Control+G');
    await this.quickInput.waitFor();
    await this.quickInput.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  /** Entries of the completion list. */
  get suggestions(): Locator {
    return this.page.locator('.suggest-widget.visible .monaco-list-row');
  }

  /** Asks for completions until this one is there: the language service needs some seconds to start. */
  async waitForSuggestion(text: string): Promise<void> {
    const wanted = this.suggestions.filter({ hasText: text });
    for (let attempt = 0; attempt < 20; attempt++) {
      await this.page.keyboard.press('Control+Space');
      const shown = await wanted
        .first()
        .waitFor({ timeout: 2000 })
        .then(() => true, isTimeout);
      if (shown) return;
      await this.page.keyboard.press('Escape');
    }
    await wanted.first().waitFor({ timeout: 1 });
  }

  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text });
  }

  /** Opens a view container of the activity bar. */
  async showContainer(name: string): Promise<void> {
    await this.page.locator('.activitybar').getByRole('tab', { name }).click();
  }

  /** A row by its visible label: its accessible name is the tooltip where it has one. */
  row(tree: string | RegExp, label: string | RegExp): Locator {
    return this.page
      .getByRole('tree', { name: tree })
      .locator('.monaco-list-row', { has: this.page.locator('.label-name', { hasText: label }) });
  }

  /** Text that an extension shows behind lines: it is style content, not text of the document. */
  async inlineTexts(): Promise<string[]> {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('.view-line span[class*="ced-"]')]
        .map((element) => getComputedStyle(element, '::after').content)
        .filter((content) => content !== 'none' && content !== 'normal'),
    );
  }

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
    await this.row(/Exercises/, 'Fine-tune an image classifier').click();
    return this.instructions();
  }

  /** The instructions' own document. */
  instructions(): Promise<Frame> {
    return this.viewWith('Instructions', 'tl-instructions h1');
  }

  private async viewWith(title: string, content: string): Promise<Frame> {
    await this.page.getByRole('tab', { name: title }).waitFor();
    for (;;) {
      for (const frame of this.page.frames()) {
        const found = await frame
          .locator(content)
          .count()
          .catch(() => 0); // A frame that is just going away.
        if (found > 0) return frame;
      }
      await this.page.waitForTimeout(200);
    }
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }
}

/** @throws whatever else went wrong */
function isTimeout(error: unknown): false {
  if (error instanceof errors.TimeoutError) return false;
  throw error;
}
