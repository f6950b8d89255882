/** `wirelay test`: finds cases, runs them, reports. 0 all hold · 1 some fail · 2 some make no sense or cannot be read. */
import {writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {resolve as resolvePath} from 'node:path';
import {exitCodes, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {palette} from '../../term/palette.js';
import {sanitize} from '../../term/sanitize.js';
import {githubText} from '../reports/github.js';
import {sarifText} from '../reports/sarif.js';
import {type FindRequest, findSuites} from './find.js';
import {allResults, countsOf, type Report, type Suite} from './model.js';
import {reportFindings, reportJson, testRules} from './print-json.js';
import {type JunitContext, reportJunit} from './print-junit.js';
import {reportTap} from './print-tap.js';
import {reportText, summaryLines} from './print-text.js';
import {type RunRequest, runSuites} from './run.js';

export const testFormats = ['text', 'tap', 'junit', 'json', 'github', 'sarif'] as const;
export type TestFormat = (typeof testFormats)[number];

export interface TestRequest extends FindRequest, RunRequest {
  readonly output: TestFormat;
  readonly junitFile: string | undefined;
  readonly update: boolean;
  readonly watch: boolean;
  readonly color: boolean;
}

export async function runTest(request: TestRequest, streams: Io): Promise<number> {
  const io = withStdinOnce(streams);
  let suites: readonly Suite[] = [];
  const once = async () => {
    suites = await findSuites(request, io);
    return runAll(suites, request, io);
  };
  if (!request.watch) return once();
  const {watch, watched} = await import('./watch.js');
  const round = async () => {
    try {
      await once();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      io.stderr.write(`wirelay: ${error.message}\n`);
    }
    io.stdout.write('watching for changes, Ctrl-C ends\n\n');
    io.stdout.flush();
  };
  await round();
  const asked = request.paths.length > 0 ? request.paths : request.cluster.length > 0 ? [] : ['.'];
  await watch(() => watched(asked, suites, io.cwd), round, io);
  return exitCodes.holds;
}

/** Standard input is read by whoever comes first; it may be a case and its definition at once. */
function withStdinOnce(io: Io): Io {
  let bytes: Uint8Array | undefined;
  return {...io, readStdin: () => (bytes ??= io.readStdin())};
}

async function runAll(suites: readonly Suite[], request: TestRequest, io: Io): Promise<number> {
  let report = await runSuites(suites, request, io);
  if (allResults(report).length === 0)
    throw new UserError(
      request.filter.length > 0
        ? {
            message: `no expectation is called ${request.filter.join(' or ')}`,
            hint: '--filter looks for a part of the name',
          }
        : {message: 'no expectation to test'},
    );
  if (request.update) report = await updateAndRunAgain(report, request, io);
  const context = junitContext(io);
  if (request.junitFile !== undefined)
    writeReport(resolvePath(io.cwd, request.junitFile), reportJunit(report, context));
  io.stdout.write(render(report, request, context));
  if (request.output === 'github') io.stderr.write(`${summaryLines(report, palette(false)).join('\n')}\n`);
  const {failed, broken} = countsOf(allResults(report));
  if (broken > 0) return exitCodes.usage;
  return failed > 0 ? exitCodes.fails : exitCodes.holds;
}

async function updateAndRunAgain(report: Report, request: TestRequest, io: Io): Promise<Report> {
  const {updateFiles} = await import('./update.js');
  const {lines, updated} = updateFiles(report, io.cwd);
  for (const line of lines) io.stderr.write(`${sanitize(line)}\n`);
  return updated === 0 ? report : runSuites(await findSuites(request, io), request, io);
}

function junitContext({env}: Io): JunitContext {
  const epoch = env.SOURCE_DATE_EPOCH;
  return {
    now: epoch && /^\d{1,12}$/.test(epoch) ? Number(epoch) * 1000 : Date.now(),
    hostname: hostname() || 'localhost',
  };
}

function writeReport(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UserError({message: `--junit-file: ${(error as Error).message}`});
  }
}

function render(report: Report, {output, color, trace}: TestRequest, context: JunitContext): string {
  switch (output) {
    case 'text':
      return reportText(report, palette(color), trace);
    case 'tap':
      return reportTap(report);
    case 'junit':
      return reportJunit(report, context);
    case 'json':
      return reportJson(report);
    case 'github':
      return githubText(reportFindings(report));
    case 'sarif':
      return sarifText(reportFindings(report), testRules);
  }
}
