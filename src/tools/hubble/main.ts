/**
 * `hubble observe`: the flows of a run, of all nodes as through the relay, or of `--node`. cobra's errors go to stderr with exit
 * code 1; what the real program has and this one hasn't is said so, with exit code 2.
 */
import type {ControlPlane} from '../../control/control.js';
import {watchEvents} from '../../session/live/watch.js';
import {takeSessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {CobraError, type CommandLine, parseCommandLine} from '../common/cobra-argv.js';
import {commandTree, type HubbleRow, PROGRAM} from './commands.js';
import {FilterError, flowFilter} from './filter.js';
import {createFlowMaker, isFlowEvent, timeText} from './flow.js';
import type {Flow} from './model.js';
import {createFlowPrinter, type FlowFormat, flowFormats, timeFormats} from './print.js';

/** Flows that are shown where nothing says how many (hubble/pkg/defaults). */
const FLOW_PRINT_COUNT = 20;

export const hubbleMain: ToolMain = async (argv, io) => {
  const {options, rest} = takeSessionOptions(argv);
  const tree = commandTree();
  let line: CommandLine<HubbleRow>;
  try {
    line = parseCommandLine(tree, [], rest);
  } catch (error) {
    if (!(error instanceof CobraError)) throw error;
    return problem(io, `${error.message}\nRun '${PROGRAM} --help' for usage.`);
  }
  const {node, flags, args, error} = line;
  if (error || flags.get('help') === 'true' || !node.row) return explain(line, io);
  for (const row of node.flags)
    if (row.refused !== undefined && flags.has(row.name))
      throw new UserError({message: `${node.path}: --${row.name} is not supported: ${row.refused}`});
  if (args.length > 0)
    return problem(io, `unknown command ${JSON.stringify(args[0])} for ${JSON.stringify(node.path)}`);
  const {createSession} = await import('../../session/session.js');
  const session = await createSession(options, io);
  if (session.cluster.dataplane !== 'cilium')
    throw new UserError({message: 'Hubble is a part of Cilium: the dataplane of this cluster is kube-proxy'});
  try {
    return await observe(session, line, options.node, io);
  } catch (thrown) {
    if (!(thrown instanceof FilterError)) throw thrown;
    return problem(io, thrown.message);
  }
};

async function explain({node, error}: CommandLine<HubbleRow>, io: Io): Promise<number> {
  const {helpText, usageText} = await import('../common/cobra-help.js');
  const about = node.row ?? {
    short: 'Hubble is a utility to observe and inspect recent Cilium routed traffic in a cluster.',
  };
  if (error) return problem(io, `${error.message}\n${usageText(node, about, [])}`);
  io.stdout.write(helpText(node, about, []));
  return 0;
}

function problem(io: Io, message: string): number {
  io.stderr.write(`Error: ${sanitizeBlock(message)}\n`);
  return 1;
}

async function observe(
  session: Session,
  {flags, given}: CommandLine<HubbleRow>,
  onlyNode: string | undefined,
  io: Io,
): Promise<number> {
  const format = flags.get('output') ?? 'compact';
  if (!isFormat(format)) throw new FilterError(`invalid output format: ${format}`);
  const follow = flags.get('follow') === 'true';
  if (follow && (format === 'tab' || format === 'table'))
    throw new FilterError('table output format is not compatible with follow mode');
  const timeFormat = flags.get('time-format') ?? 'StampMilli';
  if (!timeFormats.includes(timeFormat)) throw new FilterError(`invalid time format: ${timeFormat}`);
  const printer = createFlowPrinter({
    format,
    timeFormat,
    nodeName: flags.get('print-node-name') === 'true',
    policyNames: flags.get('print-policy-names') === 'true',
    names: flags.get('numeric') !== 'true' && flags.get('ip-translation') !== 'false',
  });
  const wanted = flowFilter(given);
  const limits = readLimits(flags, follow);
  const kept: Flow[] = [];
  let shown = 0;
  let isPast = true;
  let control: ControlPlane = session.control;
  let maker = createFlowMaker(control);
  const take = (flow: Flow) => {
    shown++;
    if (isPast && (limits.window || limits.last !== undefined)) kept.push(flow);
    else io.stdout.write(printer.print(flow));
    if (limits.last !== undefined && !limits.window && kept.length > limits.last) kept.shift();
    return limits.first === undefined || shown < limits.first;
  };
  let rest: readonly Flow[] = kept;
  const caughtUp = () => {
    isPast = false;
    if (limits.window) {
      const now = kept.at(-1)?.time ?? timeText(session.cluster.epoch, 0);
      rest = kept.filter(({time = ''}) => within(time, limits.window!, now));
      if (limits.last !== undefined) rest = rest.slice(-limits.last);
    }
    for (const flow of rest) io.stdout.write(printer.print(flow));
    io.stdout.flush();
  };
  const {simulation} = session;
  await watchEvents(session, io, {
    take(event) {
      if (!isFlowEvent(event) || (onlyNode !== undefined && event.node !== onlyNode)) return true;
      if (simulation && simulation.control !== control) {
        control = simulation.control;
        maker = createFlowMaker(control);
      }
      const flow = maker.make(event);
      return !flow || !wanted(flow) || take(flow);
    },
    past: !follow || limits.last !== undefined || limits.window !== undefined,
    follow,
    caughtUp,
  });
  if (isPast) caughtUp();
  io.stdout.write(printer.close());
  if (limits.implied && shown > rest.length)
    io.stderr.write(`wirelay: the last ${rest.length} of ${shown} flows; --all has all of them\n`);
  if (shown === 0 && session.traffic.length === 0 && !simulation)
    io.stderr.write("wirelay: nothing was sent: --traffic 'FROM -> TO' says what\n");
  return 0;
}

function isFormat(format: string): format is FlowFormat {
  return flowFormats.some((known) => known === format);
}

interface Window {
  readonly since: string | undefined;
  readonly until: string | undefined;
}

interface Limits {
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly window: Window | undefined;
  /** `last` is hubble's own default. */
  readonly implied: boolean;
}

function readLimits(flags: ReadonlyMap<string, string>, follow: boolean): Limits {
  const [first, last] = ['first', 'last'].map((name) => Number(flags.get(name) ?? 0));
  const all = flags.get('all') === 'true';
  const clash = (a: string, b: string) => new FilterError(`cannot set both --${a} and --${b}`);
  if (first && last) throw clash('first', 'last');
  if (first && all) throw clash('first', 'all');
  if (first && follow) throw clash('first', 'follow');
  if (last && all) throw clash('last', 'all');
  const [since, until] = [flags.get('since'), flags.get('until')];
  const window = since === undefined && until === undefined ? undefined : {since, until: follow ? undefined : until};
  const implied = !window && !first && !last && !all && !follow;
  return {first: first || undefined, last: last || (implied ? FLOW_PRINT_COUNT : undefined), window, implied};
}

const units: Readonly<Record<string, number>> = {ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/** `now` is the time of the last flow: a run has no other clock. */
function within(time: string, {since, until}: Window, now: string): boolean {
  const at = Date.parse(time);
  return (
    (since === undefined || at >= moment(since, now, 'since')) &&
    (until === undefined || at <= moment(until, now, 'until'))
  );
}

/** A duration before `now`, or a time; ms since 1970. */
function moment(text: string, now: string, flag: string): number {
  if (/^((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    let ms = 0;
    for (const [, number, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) ms += Number(number) * units[unit!]!;
    return Date.parse(now) - ms;
  }
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new FilterError(`failed to parse the ${flag} time: failed to convert ${text} to time`);
  return at;
}
