/** `trace FROM TO`, `trace --each FILE`: questions read, asked and printed. */
import {readFileSync} from 'node:fs';
import {resolve as resolvePath} from 'node:path';
import {type ByteSink, CaptureError, fileSink} from '../../pcap-writer/index.js';
import {pcapngFrames} from '../../session/frame-writer.js';
import type {Session} from '../../session/session.js';
import {exitCodes, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {palette} from '../../term/palette.js';
import {drawLadder} from '../ladder/draw.js';
import {ladderOfTrace} from '../ladder/from-trace.js';
import {traceJson} from './json.js';
import type {Trace} from './model.js';
import {readQuestion} from './peers.js';
import {traceText} from './text.js';
import {createTracer, type Tracer} from './trace.js';

export interface TraceRequest {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Lines `FROM TO`; `-` = stdin. */
  readonly each: string | undefined;
  readonly output: 'text' | 'json' | 'mermaid' | 'svg' | 'ascii';
  readonly packets: boolean;
  /** Capture file; `-` = stdout. */
  readonly write: string | undefined;
  readonly permitAll: boolean;
  readonly color: boolean;
}

/** 0 delivered, 1 denied or lost: of several, any. */
export async function runTrace(session: Session, request: TraceRequest, io: Io): Promise<number> {
  const tracer = createTracer(session.cluster, request.permitAll);
  const ask = (from: string, to: string) => tracer.ask(readQuestion(from, to, session.cluster));
  if (request.each !== undefined) return traceEach(request, ask, io);
  const {from, to} = request;
  if (from === undefined || to === undefined)
    throw new UserError({message: 'trace needs FROM and TO', hint: 'wirelay trace pod-a my-svc:80, or --each FILE'});
  if (request.write === '-' && io.stdout.isTty)
    throw new UserError({message: 'binary output is not written to a terminal', hint: 'use -w FILE, or a pipe'});
  const trace = ask(from, to);
  if (request.write !== undefined) writeFrames(session, tracer, trace, request.write, io);
  if (request.write !== '-') io.stdout.write(render(trace, request, false));
  return exitCode(trace);
}

function render(trace: Trace, {output, packets, color}: TraceRequest, oneLine: boolean): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify(traceJson(trace, packets), null, oneLine ? undefined : 2)}\n`;
    case 'mermaid':
    case 'svg':
    case 'ascii':
      return drawLadder(ladderOfTrace(trace), output, false);
    case 'text':
      return traceText(trace, palette(color), packets);
  }
}

const delivered: ReadonlySet<Trace['verdict']> = new Set(['answered', 'delivered', 'refused']);

export function exitCode({verdict, permitted}: Trace): number {
  return delivered.has(verdict) && !permitted ? exitCodes.holds : exitCodes.fails;
}

/** Blank lines and lines that begin with # are left out. Bad lines are told of all at once, before anything is traced. */
function traceEach(request: TraceRequest, ask: (from: string, to: string) => Trace, io: Io): number {
  const {each = '-'} = request;
  if (request.output === 'svg')
    throw new UserError({message: 'an SVG file has one picture: --each can’t make one', hint: '-o mermaid, -o ascii'});
  const problems: {readonly message: string; readonly where: {readonly file: string; readonly line: number}}[] = [];
  const questions = readLines(each, io).flatMap((text, i) => {
    const words = text
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '->');
    if (words[0] === '' || words[0]?.startsWith('#')) return [];
    const where = {file: each === '-' ? 'stdin' : each, line: i + 1};
    if (words.length === 2) return [{from: words[0]!, to: words[1]!, where}];
    problems.push({message: 'expected FROM TO', where});
    return [];
  });
  if (problems.length > 0) throw new UserError(problems);
  let code: number = exitCodes.holds;
  for (const [i, {from, to, where}] of questions.entries()) {
    const trace = at(where, () => ask(from, to));
    if (i > 0 && request.output !== 'json') io.stdout.write('\n');
    io.stdout.write(render(trace, request, true));
    code = Math.max(code, exitCode(trace));
    if (io.stdout.closed) break;
  }
  return code;
}

function readLines(path: string, io: Io): string[] {
  try {
    const bytes = path === '-' ? io.readStdin() : readFileSync(resolvePath(io.cwd, path));
    return new TextDecoder().decode(bytes).split('\n');
  } catch (error) {
    throw new UserError({message: `cannot read ${path}: ${(error as Error).message}`});
  }
}

/** A problem of a line is told with its place. */
function at<T>(where: {readonly file: string; readonly line: number}, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.problems.map((problem) => ({...problem, where: problem.where ?? where})),
      error.exitCode,
    );
  }
}

function writeFrames(session: Session, tracer: Tracer, trace: Trace, path: string, io: Io): void {
  const framed = trace.hops.filter((hop) => hop.frame && hop.point);
  const points = [...new Map(framed.map(({point}) => [point!.index, point!])).values()];
  const sink: ByteSink & {abort?(): void} =
    path === '-' ? {write: (bytes) => io.stdout.writeBytes(bytes), close: () => io.stdout.flush()} : open(path, io.cwd);
  try {
    const writer = pcapngFrames(session, points, undefined, sink);
    for (const {point, time, direction, frame, packet, decisions, end} of framed)
      writer.write({
        point: point!,
        time,
        direction: direction ?? 'in',
        bytes: frame!,
        packet,
        comments: decisions.map(({text}) => text),
        dropped: end === 'dropped',
      });
    writer.end(tracer.result!);
  } catch (error) {
    sink.abort?.();
    throw error instanceof CaptureError ? new UserError({message: error.message}) : error;
  }
}

function open(path: string, cwd: string): ReturnType<typeof fileSink> {
  try {
    return fileSink(resolvePath(cwd, path));
  } catch (error) {
    throw error instanceof CaptureError ? new UserError({message: error.message}) : error;
  }
}
