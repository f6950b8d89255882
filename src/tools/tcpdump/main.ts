/** `wirelay tcpdump`: tcpdump 4.99.3 on simulated interfaces and on capture files. */
import type {Cluster} from '../../cluster/model.js';
import {systemError} from '../../pcap-writer/index.js';
import {type SessionOptions, takeSessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {WriteError} from '../../term/output.js';
import {type Arguments, Exit, parseArguments} from './argv.js';
import {compile, expressionText, filterSnaplen, listing} from './filter.js';
import {type OwnOptions, takeOwnOptions} from './own/options.js';
import type {Own} from './own/own.js';

const EN10MB = 1;
/** S_ERR_ND_WRITE_FILE of netdissect's status-exit-codes.h. */
const WRITE_FAILED = 14;

export const tcpdumpMain: ToolMain = async (argv, io) => {
  try {
    const code = await run(argv, io);
    io.stdout.flush();
    return code;
  } catch (error) {
    if (error instanceof WriteError) {
      io.stderr.write(`${systemError('tcpdump: Unable to write output', error.cause).message}\n`);
      return WRITE_FAILED;
    }
    if (!(error instanceof Exit)) throw error;
    io.stdout.write(error.stdout);
    io.stdout.flush();
    io.stderr.write(error.stderr);
    return error.code;
  }
};

async function run(argv: readonly string[], io: Io): Promise<number> {
  const {options, rest} = takeSessionOptions(argv);
  const {own, rest: words} = takeOwnOptions(rest);
  const args = ownArguments(parseArguments(words), own);
  io.stderr.write(args.notices);
  if (args.list === 'interfaces') {
    const {interfaceList} = await import('./devices.js');
    io.stdout.write(interfaceList(await session(options, io)));
    return 0;
  }
  if (args.readFile !== undefined || args.listFile !== undefined) return offline(args, options, own, io);
  if (args.dumpProgram > 0 && args.device === undefined) return dumpOnly(args, io);
  const live = await session(options, io);
  if (own?.followFlow && args.list === undefined) {
    const {followFlow} = await import('./own/follow.js');
    return followFlow(args, own, io, live, options);
  }
  const [{runLive}, ours] = await Promise.all([import('./live.js'), ownAtWork(own, live.cluster, io)]);
  return runLive(args, io, live, ours);
}

/** --vxlan-port is the printers' business. */
function ownArguments(args: Arguments, own: OwnOptions | undefined): Arguments {
  if (own === undefined || own.vxlanPorts.size === 0) return args;
  return {...args, print: {...args.print, vxlanPorts: own.vxlanPorts}};
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

/** -d without a source of packets: for Ethernet, unless -y says otherwise. */
function dumpOnly(args: Arguments, io: Io): number {
  if (args.linkType === undefined) io.stderr.write('Warning: assuming Ethernet\n');
  const linkType = args.linkType?.number ?? EN10MB;
  const context = {linkType, savefile: false, swapped: false, snaplen: filterSnaplen(args)};
  throw listing(compile(expressionText(args), args, context), args);
}

/**
 * A file needs no cluster. One that is named, or found here as wirelay.yaml, gives names for addresses and for hosts in filters;
 * the embedded demo only does when it is named: the file is not from there.
 */
async function offline(args: Arguments, options: SessionOptions, own: OwnOptions | undefined, io: Io): Promise<number> {
  if (own?.followFlow)
    throw new UserError({message: '--follow-flow is for a simulation, where all interfaces are seen'});
  const {runOffline} = await import('./offline.js');
  const wantsNames =
    own !== undefined || !args.print.numeric || args.expression.length > 0 || args.filterFile !== undefined;
  const found = wantsNames && (await hasCluster(options, io)) ? await session(options, io) : undefined;
  const cluster: Cluster | undefined = found?.cluster;
  const devices = new Map(found?.netns().devices.map((device) => [device.ifindex, device.name]));
  const device = (ifindex: number) => devices.get(ifindex) ?? (ifindex === 1 ? 'lo' : undefined);
  return runOffline(args, io, cluster, device, await ownAtWork(own, cluster, io));
}

async function hasCluster(options: SessionOptions, io: Io): Promise<boolean> {
  const {discover} = await import('../../cluster/discover.js');
  const {how, paths} = discover({paths: options.cluster, env: io.env, cwd: io.cwd});
  return how !== 'demo' || paths.length > 0;
}
