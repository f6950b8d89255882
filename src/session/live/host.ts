/** Commands that run inside a live session find its simulation by the streams they were given. */
import type {Io} from '../../term/io.js';
import type {SessionOptions} from '../options.js';
import type {Simulation} from './simulation.js';

/** A command that another one starts: as `kubectl exec` does. */
export interface Start {
  readonly tool: string;
  readonly argv: readonly string[];
  readonly viewpoint: Viewpoint;
}

export type Viewpoint = Pick<SessionOptions, 'node' | 'pod'>;

export interface Host {
  readonly simulation: Simulation;
  /** Where commands stand that name no viewpoint of their own. */
  readonly viewpoint: Viewpoint;
  /** Runs a tool with the streams of the command that asks; undefined: there is none of that name. */
  start(command: Start): Promise<number> | undefined;
  /** Has the client start a program of its machine in its own place, from where commands stand at the viewpoint. */
  become(words: readonly string[], viewpoint: Viewpoint): Promise<number>;
}

const hosts = new WeakMap<Io, Host>();

export function bindHost(io: Io, host: Host): void {
  hosts.set(io, host);
}

export function hostOf(io: Io): Host | undefined {
  return hosts.get(io);
}
