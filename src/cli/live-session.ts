/** `wirelay run` and `wirelay shell`: one simulation, a shell or command in front of it whose network tools are ours. */
import {type ChildProcess, spawn} from 'node:child_process';
import {constants} from 'node:os';
import {delimiter, resolve} from 'node:path';
import {createHome, type Home} from '../session/live/home.js';
import {bindHost, type Host, type Viewpoint} from '../session/live/host.js';
import type {Become, Request} from '../session/live/protocol.js';
import {serve} from '../session/live/server.js';
import {createSimulation, type Simulation} from '../session/live/simulation.js';
import type {SessionOptions} from '../session/options.js';
import {openDefinition, type Session} from '../session/session.js';
import {UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import {runToCode} from '../term/process-io.js';
import {launchers, tools} from './tools.js';

/** The program to start, and what it finds in its environment beside the session's own. */
export interface Program {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the session and the program in it; the program's exit code, 128 + N where a signal ended it. */
export async function runInSession(
  options: SessionOptions,
  io: Io,
  program: (session: Session, home: Home) => Program,
): Promise<number> {
  if (io.env.WIRELAY_SESSION)
    throw new UserError({
      message: 'this is a session already',
      hint: '`exit` ends it; unset WIRELAY_SESSION for one within',
    });
  const {loaded, session} = await openDefinition(options, io);
  const {control, traffic, node, pod} = session;
  const simulation = createSimulation(loaded, control, traffic);
  const viewpoint = {node: node.name, pod: pod && `${pod.namespace}/${pod.name}`};
  const home = createHome(io.env, launchers);
  const perform = (request: Request, remote: Io) =>
    performTool(request, viewpointOf(request) ?? viewpoint, simulation, remote);
  try {
    const server = await serve(home.socket, perform);
    try {
      const {words, env} = program(session, home);
      return await runProgram(words, {...environment(options, io, home), ...env}, io);
    } finally {
      await server.close();
      simulation.end();
    }
  } finally {
    home.remove();
  }
}

/** Names the viewpoint to commands of a shell in a pod: `pod NS/NAME`, `node NAME`. */
const VIEWPOINT = 'WIRELAY_VIEWPOINT';

function viewpointOf({env}: Request): Viewpoint | undefined {
  const [kind, name] = env[VIEWPOINT]?.split(' ') ?? [];
  if (name === undefined) return undefined;
  return kind === 'pod' ? {node: undefined, pod: name} : {node: name, pod: undefined};
}

async function performTool(
  {tool, argv}: Pick<Request, 'tool' | 'argv'>,
  viewpoint: Viewpoint,
  simulation: Simulation,
  io: Io,
): Promise<number | 'local' | Become> {
  const row = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  if (!row) {
    io.stderr.write(`wirelay: no tool ${tool} in this session\n`);
    return 127;
  }
  if (await row.isLocal?.(argv)) return 'local';
  let program: Become | undefined;
  const host: Host = {
    simulation,
    viewpoint,
    start(command) {
      const wanted = Object.hasOwn(tools, command.tool) ? tools[command.tool] : undefined;
      if (!wanted) return undefined;
      // a world of its own, since another command may look from elsewhere at the same time
      const own = {...io};
      bindHost(own, {...host, viewpoint: command.viewpoint});
      return wanted.load().then((main) => runToCode(main, [...wanted.before, ...command.argv], own));
    },
    become(words, {pod, node}) {
      program = {words, env: {[VIEWPOINT]: pod === undefined ? `node ${node}` : `pod ${pod}`}};
      return Promise.resolve(0);
    },
  };
  bindHost(io, host);
  const code = await runToCode(await row.load(), [...row.before, ...argv], io);
  return program ?? code;
}

function environment({cluster}: SessionOptions, io: Io, home: Home): Record<string, string | undefined> {
  const [path] = cluster;
  return {
    ...io.env,
    PATH: `${home.bin}${delimiter}${io.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`,
    WIRELAY_SESSION: home.socket,
    // for what reads files, and looks for names in the definition
    ...(cluster.length === 1 && path !== undefined && path !== '-' && path !== 'demo'
      ? {WIRELAY_CLUSTER: resolve(io.cwd, path)}
      : {}),
  };
}

/** Signals that are for the program: it decides whether the session goes on. */
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

function runProgram(
  [name = '', ...argv]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  io: Io,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(name, argv, {stdio: 'inherit', env, cwd: io.cwd});
    const forward = (signal: NodeJS.Signals) => {
      // a terminal has sent it to the program as well
      if (!process.stdin.isTTY || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    const stopListening = () => {
      for (const signal of forwarded) process.off(signal, forward);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      stopListening();
      if (error.code !== 'ENOENT' && error.code !== 'EACCES') return reject(error);
      const missing = error.code === 'ENOENT';
      io.stderr.write(`wirelay: ${name}: ${missing ? 'command not found' : 'Permission denied'}\n`);
      resolve(missing ? 127 : 126);
    });
    child.on('exit', (code, signal) => {
      stopListening();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}
