/** A place in a file that people can open. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** What crosses process borders instead of an Error. */
export interface Problem {
  /** Names the mistake, for documentation and tests: 'data-folder-empty', 'loss-not-finite'. */
  readonly code: string;
  /** What was found, and what was expected. */
  readonly message: string;
  /** What to do: one imperative sentence. */
  readonly remedy: string;
  readonly location?: SourceLocation;
  /** With 'download-needed': what would be fetched once it is allowed. */
  readonly download?: WantedDownload;
}

/** What somebody must know before they say yes to a download. */
export interface WantedDownload {
  /** 'timm/resnet18.tv_in1k', or 'OWNER/NAME@REVISION' */
  readonly repository: string;
  /** Branch, tag or commit that was asked for, and the commit that it is now. */
  readonly revision: string;
  readonly commit: string;
  /** Names in the repository. */
  readonly files: readonly string[];
  /** Bytes that are not here yet, of all. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** 'huggingface.co' */
  readonly host: string;
  /** The repository's folder in the cache. */
  readonly destination: string;
}

/** An error the learner can act on. Anything else thrown is a bug of ours and is shown with its stack. */
export class LearnerError extends Error {
  override readonly name = 'LearnerError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.problem = problem;
  }
}

/** Any thrown value as a Problem; a bug of ours says so and asks for a report. */
export function toProblem(error: unknown): Problem {
  if (error instanceof LearnerError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal-error',
    message,
    remedy: 'Report this with the run folder: the program did not expect it.',
  };
}
