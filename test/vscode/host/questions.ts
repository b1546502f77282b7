import * as vscode from 'vscode';

/** A modal question that the window was to show. */
export interface Question {
  readonly message: string;
  readonly detail: string;
  readonly choices: readonly string[];
}

/**
 * Stands in for the dialogs of VS Code, which nobody can click in an extension host and which it refuses under tests. The
 * extension and its tests share one `vscode.window`.
 */
export class Dialogs {
  readonly asked: Question[] = [];
  /** Buttons of error notifications, in order. */
  readonly offered: string[][] = [];
  /** The choice of every modal question; undefined: Escape. */
  answer: string | undefined;
  /** What is typed into an input box; undefined: Escape. */
  typed: string | undefined;
  private readonly own = {
    showInformationMessage: vscode.window.showInformationMessage,
    showErrorMessage: vscode.window.showErrorMessage,
    showInputBox: vscode.window.showInputBox,
  };

  install(): void {
    Object.assign(vscode.window, {
      showInformationMessage: (message: string, ...rest: unknown[]): Thenable<unknown> => {
        const [options, ...choices] = rest as [vscode.MessageOptions | undefined, ...string[]];
        if (typeof options !== 'object' || options.modal !== true)
          return this.own.showInformationMessage(message, ...(rest as string[]));
        this.asked.push({ message, detail: options.detail ?? '', choices });
        return Promise.resolve(this.answer);
      },
      showErrorMessage: (_message: string, ...choices: string[]): Thenable<unknown> => {
        this.offered.push(choices);
        return Promise.resolve(undefined);
      },
      showInputBox: (): Thenable<string | undefined> => Promise.resolve(this.typed),
    });
  }

  restore(): void {
    Object.assign(vscode.window, this.own);
  }
}
