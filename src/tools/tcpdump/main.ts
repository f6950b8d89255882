/** `wirelay tcpdump`: tcpdump 4.99.3 on simulated interfaces and on capture files. */
import type {Cluster} from '../../cluster/model.js';
import type {SessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {fromFiles, loopbackOnly, wantsCluster} from './files.js';
import {runOffline} from './offline.js';
import type {OwnOptions} from './own/options.js';
import type {Own} from './own/own.js';
import {type CommandLine, readCommandLine, toExitStatus} from './run.js';

export const tcpdumpMain: ToolMain = (argv, io) =>
  toExitStatus(io, async () => {
    const line = readCommandLine(argv);
    return (await fromFiles(line, io)) ?? run(line, io);
  });

async function run(line: CommandLine, io: Io): Promise<number> {
  const {args, options, own} = line;
  io.stderr.write(args.notices);
  if (args.list === 'interfaces') {
    const {interfaceList} = await import('./devices.js');
    io.stdout.write(interfaceList(await session(options, io)));
    return 0;
  }
  if (args.readFile !== undefined || args.listFile !== undefined) return offline(line, io);
  const live = await session(options, io);
  if (own?.followFlow && args.list === undefined) {
    const {followFlow} = await import('./own/follow.js');
    return followFlow(args, own, io, live, options);
  }
  const [{runLive}, ours] = await Promise.all([import('./live.js'), ownAtWork(own, live.cluster, io)]);
  return runLive(args, io, live, ours);
}

/** Nothing of it is loaded, and nothing of tcpdump's text changes, without an option of our own. */
async function ownAtWork(own: OwnOptions | undefined, cluster: Cluster | undefined, io: Io): Promise<Own | undefined> {
  if (own === undefined) return undefined;
  const {Own} = await import('./own/own.js');
  return new Own(own, cluster, io.stdout);
}

async function session(options: SessionOptions, io: Io): Promise<Session> {
  const {createSession} = await import('../../session/session.js');
  return createSession(options, io);
}

async function offline(line: CommandLine, io: Io): Promise<number> {
  const {args, options, own} = line;
  if (own?.followFlow)
    throw new UserError({message: '--follow-flow is for a simulation, where all interfaces are seen'});
  const found = wantsCluster(line, io) ? await session(options, io) : undefined;
  const cluster: Cluster | undefined = found?.cluster;
  const devices = new Map(found?.netns().devices.map((device) => [device.ifindex, device.name]));
  const device = (ifindex: number) => devices.get(ifindex) ?? loopbackOnly(ifindex);
  return runOffline(args, io, cluster, device, await ownAtWork(own, cluster, io));
}
