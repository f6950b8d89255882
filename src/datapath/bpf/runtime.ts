/** What the programs of one node run on: the agent's maps, the maps they change themselves, a clock and random numbers. */
import type {NodeState} from '../../control/model.js';
import type {Ip} from '../../wire/addr.js';
import type {DatapathEvent, FibResult, NodeRuntime} from '../model.js';
import type {LookupStep} from '../step-model.js';
import {createLookups} from './lookups.js';
import {type ProgramConfig, programConfig} from './program.js';
import {createConntrack, createNat} from './tables.js';
import {watchMaps} from './watch.js';

export interface RuntimeOptions {
  /** Seconds, the clock of conntrack lifetimes. */
  now(): number;
  /** A u32. */
  random(): number;
  fib(source: Ip, destination: Ip): FibResult;
  readonly emit?: (event: DatapathEvent) => void;
  /** Gets to know what the programs ask the maps. */
  readonly step?: (step: LookupStep) => void;
  /** Instead of what cilium-config says. */
  readonly program?: Partial<ProgramConfig>;
}

export function createRuntime(state: NodeState, options: RuntimeOptions): NodeRuntime {
  const runtime = plainRuntime(state, options);
  return options.step ? watchMaps(runtime, options.step) : runtime;
}

function plainRuntime(state: NodeState, options: RuntimeOptions): NodeRuntime {
  const size = (key: string, fallback: number) => Number(state.config.raw[key] || fallback);
  return {
    state,
    program: {...programConfig(state), ...options.program},
    lookups: createLookups(state),
    ct: createConntrack({tcp: size('bpf-ct-global-tcp-max', 524288), any: size('bpf-ct-global-any-max', 262144)}),
    nat: createNat(size('bpf-nat-global-max', 524288)),
    affinity: new Map(),
    fragments: new Map(),
    nodePortNeighbours: new Map(),
    now: options.now,
    random: options.random,
    fib: options.fib,
    emit: options.emit,
    time: 0,
  };
}
