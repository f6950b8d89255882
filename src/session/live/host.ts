/** Commands that run inside a live session find its simulation by the streams they were given. */
import type {Io} from '../../term/io.js';
import type {SessionOptions} from '../options.js';
import type {Simulation} from './simulation.js';

export interface Host {
  readonly simulation: Simulation;
  /** Where commands stand that name no viewpoint of their own. */
  readonly viewpoint: Pick<SessionOptions, 'node' | 'pod'>;
}

const hosts = new WeakMap<Io, Host>();

export function bindHost(io: Io, host: Host): void {
  hosts.set(io, host);
}

export function hostOf(io: Io): Host | undefined {
  return hosts.get(io);
}
