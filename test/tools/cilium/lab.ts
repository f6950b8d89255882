import {demoCluster} from '../../../src/cluster/demo.js';
import type {Cluster} from '../../../src/cluster/model.js';
import {createControl} from '../../../src/control/control.js';
import {simulate} from '../../../src/datapath/run/simulate.js';
import type {Session} from '../../../src/session/session.js';
import {commandRows, commandTree, globalFlags} from '../../../src/tools/cilium/commands.js';
import {ciliumMain} from '../../../src/tools/cilium/main.js';
import {parseCommandLine} from '../../../src/tools/common/cobra-argv.js';
import {memoryIo, type Ran, runMain} from '../../memory-io.js';

/** The tool on the embedded demo. */
export function cilium(...argv: string[]): Promise<Ran> {
  return runMain(ciliumMain, argv, {env: {WIRELAY_CLUSTER: 'demo'}});
}

/** A session over any cluster, also one that no definition could say. */
export function labSession(cluster: Cluster): Session {
  const control = createControl(cluster);
  const node = cluster.nodes[0]!;
  return {
    cluster,
    control,
    node,
    pod: undefined,
    traffic: cluster.traffic,
    state: (name = node.name) => control.state(name),
    netns: () => control.state(node.name).host,
    run: async ({observers = [], extra = [], alone = false} = {}) =>
      simulate({control, traffic: alone ? extra : [...cluster.traffic, ...extra], seed: cluster.seed, observers}),
    parseTraffic: () => Promise.reject(new Error('not here')),
    counters: () => Promise.reject(new Error('not here')),
  };
}

/** Runs one command line over a cluster. */
export async function runView(cluster: Cluster, ...argv: string[]): Promise<Ran> {
  const {node, flags, args} = parseCommandLine(commandTree(), globalFlags, argv);
  const io = memoryIo();
  const view = await node.row!.load();
  const code = await view({session: labSession(cluster), flags, args, io});
  return {code, stdout: io.stdout.text, stderr: io.stderr.text};
}

export {commandRows, demoCluster};
