/** The `ip` look-alike: iproute2 6.1.0's grammar and bytes over a node's, or with --pod a pod's, network namespace. */
import type {Netns} from '../../control/model.js';
import {openSession, type Session} from '../../session/session.js';
import type {ToolMain} from '../../term/io.js';
import {
  type IpCommand,
  IpExit,
  type IpOptions,
  matches,
  parseCommand,
  refused,
  unknownCommand,
  usage,
  Words,
} from './argv.js';
import type {EmitOptions} from './emit.js';
import {listLinks} from './link.js';
import {listNeighbours} from './neigh.js';
import {getRoute} from './route-get.js';
import {listRoutes} from './route-list.js';
import {listRules} from './rule.js';
import type {IpView} from './view.js';

export const ipMain: ToolMain = async (argv, io) => {
  const {session, argv: words} = await openSession(argv, io);
  const {stdout, stderr, exitCode} = await runIp(words, sessionView(session), {
    color: io.stdout.isTty && io.color,
    darkBackground: isDark(io.env.COLORFGBG),
  });
  io.stdout.write(stdout);
  io.stderr.write(stderr);
  return exitCode;
};

/** The last part of COLORFGBG, 0 … 6 or 8 (lib/color.c). */
function isDark(value: string | undefined): boolean {
  return value !== undefined && /;[0-68]$/.test(value);
}

function sessionView(session: Session): IpView {
  return {
    netns: session.netns(),
    named: (name) => session.state().pods.find((pod) => pod.lxc.peer?.netns === name),
    counters: (device) => session.counters(device),
  };
}

export interface Terminal {
  /** Whether `-c=auto` colours. */
  readonly color: boolean;
  readonly darkBackground: boolean;
}

export interface IpOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export async function runIp(argv: readonly string[], view: IpView, terminal: Terminal): Promise<IpOutcome> {
  try {
    const command = parseCommand(argv);
    const netns = chooseNetns(command, view);
    const done = await runObject(command, netns, view, emitOptions(command.options, terminal));
    return {exitCode: 0, ...done};
  } catch (error) {
    if (!(error instanceof IpExit)) throw error;
    return error;
  }
}

function chooseNetns({options}: IpCommand, view: IpView): Netns {
  if (options.netns === undefined) return view.netns;
  const netns = view.named(options.netns);
  if (!netns) throw new IpExit(255, `Cannot open network namespace "${options.netns}": No such file or directory\n`);
  return netns;
}

function emitOptions(options: IpOptions, {color, darkBackground}: Terminal): EmitOptions {
  const coloured = !options.json && (options.colour === 'always' || (options.colour === 'auto' && color));
  return {
    json: options.json,
    pretty: options.pretty,
    oneline: options.oneline,
    colour: coloured ? (darkBackground ? 'dark' : 'light') : 'off',
  };
}

async function runObject(
  command: IpCommand,
  netns: Netns,
  view: IpView,
  options: EmitOptions,
): Promise<{readonly stdout: string; readonly stderr: string}> {
  switch (command.object) {
    case 'link':
    case 'address':
      return {stdout: await listLinks(view, netns, command, options), stderr: ''};
    case 'neigh':
      return {stdout: listNeighbours(netns, command, options), stderr: ''};
    case 'rule':
      return {stdout: listRules(netns, command, options), stderr: ''};
    case 'route':
      return runRoute(netns, command, options);
  }
}

const routeChanges = ['add', 'change', 'replace', 'prepend', 'append', 'test', 'delete'];

function runRoute(netns: Netns, command: IpCommand, options: EmitOptions): {stdout: string; stderr: string} {
  const [verb = 'show', ...rest] = command.words;
  if (verb === 'chg' || routeChanges.some((name) => matches(verb, name))) throw refused(`ip route ${verb}`);
  const words = new Words(rest);
  if (['list', 'show', 'lst'].some((name) => matches(verb, name)))
    return {stdout: listRoutes(netns, words, command, options), stderr: ''};
  if (matches(verb, 'get')) return getRoute(netns, words, command, options);
  if (['flush', 'save', 'restore', 'showdump'].some((name) => matches(verb, name))) throw refused(`ip route ${verb}`);
  if (matches(verb, 'help')) throw usage();
  throw unknownCommand('route', verb);
}
