/** Where a token stands, as Python's huggingface_hub has it. */
const NAME = 'HF_TOKEN';

let hidden: string | undefined;

/**
 * Takes the token out of this process's environment; `tokenOf` still knows it. Called before a learner's code runs, which
 * is none of the token's business, nor are the processes that it may start.
 */
export function hideToken(): void {
  hidden = process.env[NAME] ?? hidden;
  delete process.env[NAME];
}

/** @param env of this process or another; a copy of this one's may have lost it */
export function tokenOf(env: NodeJS.ProcessEnv): string | undefined {
  return (env[NAME] ?? (env === process.env ? hidden : undefined))?.trim() || undefined;
}
