/** `wirelay test` in this process, on files in a folder of their own or of the project. */
import {startTool} from '../../../src/cli/start-tool.js';
import {runTest, type TestRequest} from '../../../src/explain/test/main.js';
import type {Io} from '../../../src/term/io.js';
import {runToCode} from '../../../src/term/process-io.js';
import {memoryIo, type Ran} from '../../memory-io.js';

export async function test(
  cwd: string,
  paths: readonly string[],
  more: Partial<TestRequest> = {},
  overrides: Partial<Io> = {},
): Promise<Ran> {
  const io = memoryIo({cwd, env: {SOURCE_DATE_EPOCH: '1700000000'}, ...overrides});
  const request: TestRequest = {
    paths,
    cluster: [],
    set: [],
    seed: undefined,
    filter: [],
    failFast: false,
    start: startTool,
    output: 'text',
    junitFile: undefined,
    update: false,
    watch: false,
    trace: false,
    color: false,
    ...more,
  };
  const code = await runToCode((_argv, own) => runTest(request, own), [], io);
  return {code, stdout: io.stdout.text, stderr: io.stderr.text};
}

/** A case on the embedded demo. */
export function demoCase(...expectations: readonly string[]): string {
  const lines = expectations.map((one) => `    - ${one.replaceAll('\n', '\n      ')}\n`).join('');
  return `apiVersion: wirelay.dev/v1alpha1\nkind: Case\nspec:\n  cluster: demo\n  expect:\n${lines}`;
}
