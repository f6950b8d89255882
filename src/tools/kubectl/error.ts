/** How kubectl ends when something is wrong: its text on stderr, exit code 1. */
export class KubectlError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** What the API server says of an object that it does not have. `resource`: `pods`, `deployments.apps`. */
export function notFound(resource: string, name: string): KubectlError {
  return new KubectlError(`Error from server (NotFound): ${resource} ${JSON.stringify(name)} not found`);
}
