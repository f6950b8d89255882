/** Suites → results: one session and one tracer a suite, one trace and at most one more run an expectation. */
import {performance} from 'node:perf_hooks';
import type {Expectation, ExpectSpec} from '../../cluster/expect.js';
import {parseTraffic} from '../../cluster/traffic.js';
import type {Observer} from '../../datapath/model.js';
import {clusterTunnelPorts} from '../../session/layers.js';
import {createSession, type Session} from '../../session/session.js';
import {type Problem, UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {nearest} from '../../term/nearest.js';
import type {Trace} from '../trace/model.js';
import {type Question, readFlow} from '../trace/peers.js';
import {createTracer, type Tracer} from '../trace/trace.js';
import {checkCommand, runCommand, type StartTool} from './command.js';
import {checkTrace, target} from './flow.js';
import type {Check, Finding, Report, Result, Suite, SuiteResult} from './model.js';
import {
  checkFrames,
  checkLargest,
  checkShares,
  countFrames,
  countShares,
  type FrameCount,
  largestMessage,
  largestSegment,
  problemsAt,
} from './runs.js';
import {contradictions, framesOf, validate} from './validate.js';

export interface RunRequest {
  /** Only expectations whose suite and name contain one of these, whatever the case of letters; empty: all. */
  readonly filter: readonly string[];
  readonly failFast: boolean;
  /** Results that hold keep their traces. */
  readonly trace: boolean;
  readonly start: StartTool;
}

export async function runSuites(suites: readonly Suite[], request: RunRequest, io: Io): Promise<Report> {
  const out: SuiteResult[] = [];
  let left = 0;
  let stopped = false;
  for (const suite of suites) {
    const own = await openSuite(suite, request, io);
    const results: Result[] = [...own.broken];
    stopped ||= request.failFast && own.broken.length > 0;
    for (const one of own.expectations) {
      if (stopped) left++;
      else {
        results.push(await timed(own.run, one));
        stopped = request.failFast && results.at(-1)?.status !== 'passed';
      }
    }
    if (results.length > 0) out.push({suite, results});
  }
  return {suites: out, left};
}

async function timed(run: (one: Expectation) => Promise<Result>, one: Expectation): Promise<Result> {
  const start = performance.now();
  const result = await run(one);
  return {...result, seconds: (performance.now() - start) / 1000};
}

interface OpenSuite {
  readonly broken: readonly Result[];
  readonly expectations: readonly Expectation[];
  readonly run: (one: Expectation) => Promise<Result>;
}

async function openSuite(suite: Suite, request: RunRequest, io: Io): Promise<OpenSuite> {
  const none = async (one: Expectation) => broken(nameOf(one), one, []);
  const closed = (problems: readonly Problem[]): OpenSuite => ({
    broken: [{...emptyResult('definition'), where: problems[0]?.where, status: 'broken', problems}],
    expectations: [],
    run: none,
  });
  const wanted = (one: Expectation) => matchesFilter(`${suite.title} ${nameOf(one)}`, request.filter);
  if (suite.problems.length > 0) return closed(suite.problems);
  // of a case nothing need be opened for what nobody wants
  if (suite.expect && !suite.expect.some(wanted)) return {broken: [], expectations: [], run: none};
  try {
    const session = await openSession(suite, io);
    const expectations = (suite.expect ?? session.cluster.expect ?? []).filter(wanted);
    const against = contradictions(suite.expect ?? session.cluster.expect ?? []);
    const tracer = createTracer(session.cluster, false, session.control);
    const context = {suite, session, tracer, start: request.start, keepTraces: request.trace, io};
    return {
      broken: [],
      expectations,
      run: async (one) => {
        const contrary = against.get(one);
        const problems = [...validate(one), ...(contrary ? [contrary] : [])];
        if (problems.length > 0) return broken(nameOf(one), one, problems);
        try {
          return await runOne(one, context);
        } catch (error) {
          const field = one.spec.command === undefined ? 'flow' : 'command';
          return broken(nameOf(one), one, problemsAt(error, one.place([field])));
        }
      },
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return closed(error.problems);
  }
}

/** The session of the suite; lines of traffic that a case states are read here, so that problems have their place. */
async function openSession({options, place}: Suite, io: Io): Promise<Session> {
  const {traffic, ...rest} = options;
  const session = await createSession({...rest, traffic: []}, io);
  if (traffic.length === 0) return session;
  for (const [i, text] of traffic.entries()) parseTraffic(text, session.cluster, place(['traffic', i]));
  return createSession(options, io);
}

function matchesFilter(name: string, filter: readonly string[]): boolean {
  return filter.length === 0 || filter.some((text) => name.toLowerCase().includes(text.toLowerCase()));
}

export function nameOf({spec: {name, flow, command, frames}}: Expectation): string {
  const words = name ?? flow ?? command ?? (frames === undefined ? 'expectation' : 'frames');
  return words.trim().replace(/\s+/g, ' ') || 'expectation';
}

function emptyResult(name: string): Result {
  return {name, where: undefined, status: 'passed', checks: [], problems: [], trace: undefined, seconds: 0};
}

function broken(name: string, {place}: Expectation, problems: readonly Problem[]): Result {
  return {...emptyResult(name), where: place([]), status: 'broken', problems};
}

interface Context {
  readonly suite: Suite;
  readonly session: Session;
  readonly tracer: Tracer;
  readonly start: StartTool;
  readonly keepTraces: boolean;
  readonly io: Io;
}

async function runOne(one: Expectation, context: Context): Promise<Result> {
  const {spec, place} = one;
  const {findings, trace} = spec.command === undefined ? await runTraffic(one, context) : await runLine(spec, context);
  const checks = findings.map(
    ({path, ok, expected, got, fix}): Check => ({path, ok, expected, got, fix, where: place(path)}),
  );
  const status = checks.every(({ok}) => ok) ? 'passed' : 'failed';
  return {
    ...emptyResult(nameOf(one)),
    where: place([]),
    status,
    checks,
    ...(status === 'failed' || context.keepTraces ? {trace} : {}),
  };
}

interface Found {
  readonly findings: readonly Finding[];
  readonly trace: Trace | undefined;
}

async function runLine(spec: ExpectSpec, {suite, session, start, io}: Context): Promise<Found> {
  checkViewpoint(spec, session);
  return {findings: checkCommand(spec, await runCommand(spec, session, suite.options, start, io)), trace: undefined};
}

function checkViewpoint({node, pod}: ExpectSpec, {cluster: {name: cluster, nodes, pods}}: Session): void {
  const names = nodes.map(({name}) => name);
  if (node !== undefined && !names.includes(node))
    throw new UserError({message: `no node ${node} in cluster ${cluster}`, ...hinted(nearest(node, names))});
  const known = pods.map(({namespace, name}) => (pod?.includes('/') ? `${namespace}/${name}` : name));
  if (pod !== undefined && !known.includes(pod))
    throw new UserError({message: `no pod ${pod} in cluster ${cluster}`, ...hinted(nearest(pod, known))});
}

function hinted(hint: string | undefined): {hint?: string} {
  return hint === undefined ? {} : {hint};
}

/** Of a flow, or of the traffic of the definition. */
async function runTraffic({spec, place}: Expectation, context: Context): Promise<Found> {
  const {session, tracer} = context;
  const {cluster} = session;
  const {flow} = spec;
  const counted = framesOf(spec).map(([path, frames]) => {
    try {
      return {path, frames, seen: countFrames(frames, session)};
    } catch (error) {
      throw new UserError(problemsAt(error, place(path)));
    }
  });
  if (flow === undefined) {
    await session.run({observers: counted.map(({seen}) => seen.observer)});
    return {findings: counted.flatMap(framesFindings), trace: undefined};
  }
  checkNames({spec, place}, context);
  const question = questionOf(flow, session);
  checkCount(spec, question);
  const trace = tracer.ask({...question, spec: {...question.spec, count: 1}});
  const ports = clusterTunnelPorts(cluster);
  const shares = spec.backends === undefined ? undefined : countShares(question.spec, ports);
  const observers: Observer[] = [...counted.map(({seen}) => seen.observer), ...(shares ? [shares.observer] : [])];
  if (observers.length > 0) await session.run({observers, extra: [question.spec], alone: true});
  const largest = spec.mtu === undefined && spec.payload === undefined ? undefined : await largestOf(question, context);
  return {
    findings: [
      ...checkTrace(spec, trace, cluster),
      ...checkLargest(spec, largest),
      ...(shares ? checkShares(spec, shares) : []),
      ...counted.flatMap(framesFindings),
    ],
    trace,
  };
}

function framesFindings({
  path,
  frames,
  seen,
}: {
  path: Finding['path'];
  frames: Parameters<typeof checkFrames>[1];
  seen: FrameCount;
}) {
  return checkFrames(path, frames, seen.count);
}

function questionOf(flow: string, {cluster}: Session): Question {
  const arrow = /\s*(?:->|→)\s*|\s+to\s+/.exec(flow);
  if (!arrow)
    throw new UserError({message: `flow ${JSON.stringify(flow)}: no destination`, hint: 'FROM -> TO[:PORT][/PROTO]'});
  try {
    return readFlow(flow.slice(0, arrow.index).trim(), flow.slice(arrow.index + arrow[0].length).trim(), cluster);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.problems.map((one) => ({...one, message: one.message.replace(/^traffic "/, 'flow "')})));
  }
}

/** Shares are of several connections. */
function checkCount({backends = []}: ExpectSpec, {spec: {count}}: Question): void {
  const least = Array.isArray(backends) ? backends.length : Math.min(2, Object.keys(backends).length);
  if (count < least)
    throw new UserError({
      message: `backends of ${count === 1 ? 'one connection' : `${count} connections`}`,
      hint: 'say how many connections there are: FROM -> TO x1000',
    });
}

/** Addresses and names that stand for one must stand for something. */
function checkNames({spec, place}: Expectation, {session: {cluster}}: Context): void {
  const known = [...cluster.pods, ...cluster.nodes].map(({name}) => name);
  for (const field of ['dnat', 'source', 'backends'] as const) {
    const names = namesIn(spec[field]);
    for (const name of names)
      if (name !== 'none' && name !== 'kept' && target(name, cluster).ips.length === 0) {
        const where = place([field]);
        throw new UserError({
          message: `${field} ${JSON.stringify(name)}: no address, and no pod or node is called so`,
          ...hinted(nearest(name.replace(/:\d+$/, ''), known)),
          ...(where ? {where} : {}),
        });
      }
  }
}

function namesIn(value: ExpectSpec['dnat' | 'backends']): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return isList(value) ? value : Object.keys(value);
}

function isList<T>(value: readonly T[] | object): value is readonly T[] {
  return Array.isArray(value);
}

async function largestOf({spec, notes}: Question, {session, tracer}: Context) {
  const {cluster} = session;
  const ports = clusterTunnelPorts(cluster);
  if (spec.protocol === 'tcp' || spec.protocol === 'http') return largestSegment(session, spec, ports);
  if (spec.protocol === 'dns' || spec.protocol === 'sctp')
    throw new UserError({message: `mtu and payload are not for ${spec.protocol}`, hint: 'ask with /udp and the port'});
  const mtu = Math.max(cluster.underlay.mtu, ...cluster.nodes.map((node) => node.mtu));
  return largestMessage(tracer, {spec, notes}, mtu, ports);
}
