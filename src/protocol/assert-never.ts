/** Ends an exhaustive switch: adding a variant breaks the build wherever it must be handled. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled variant: ${JSON.stringify(value)}`);
}
