/** The suite prints this first: what VS Code itself prints before it is of no interest. */
export const SUITE_BEGINS = '--- suite begins';
