/** `wirelay tcpdump`: tcpdump 4.99.3 on simulated interfaces and on capture files. */
import type {Cluster} from '../../cluster/model.js';
import {type SessionOptions, takeSessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import type {Io, ToolMain} from '../../term/io.js';
import {type Arguments, Exit, parseArguments} from './argv.js';
import {compile, expressionText, filterSnaplen, listing} from './filter.js';

const EN10MB = 1;

export const tcpdumpMain: ToolMain = async (argv, io) => {
  try {
    return await run(argv, io);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    io.stdout.write(error.stdout);
    io.stdout.flush();
    io.stderr.write(error.stderr);
    return error.code;
  }
};

async function run(argv: readonly string[], io: Io): Promise<number> {
  const {options, rest} = takeSessionOptions(argv);
  const args = parseArguments(rest);
  io.stderr.write(args.notices);
  if (args.list === 'interfaces') {
    const {interfaceList} = await import('./devices.js');
    io.stdout.write(interfaceList(await session(options, io)));
    return 0;
  }
  if (args.readFile !== undefined || args.listFile !== undefined) return offline(args, options, io);
  if (args.dumpProgram > 0 && args.device === undefined) return dumpOnly(args, io);
  const {runLive} = await import('./live.js');
  return runLive(args, io, await session(options, io));
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
 * the embedded demo never does: the file is not from there.
 */
async function offline(args: Arguments, options: SessionOptions, io: Io): Promise<number> {
  const {runOffline} = await import('./offline.js');
  const wantsNames = !args.print.numeric || args.expression.length > 0 || args.filterFile !== undefined;
  const found = wantsNames && (await hasCluster(options, io)) ? await session(options, io) : undefined;
  const cluster: Cluster | undefined = found?.cluster;
  const devices = new Map(found?.netns().devices.map((device) => [device.ifindex, device.name]));
  return runOffline(args, io, cluster, (ifindex) => devices.get(ifindex) ?? (ifindex === 1 ? 'lo' : undefined));
}

async function hasCluster(options: SessionOptions, io: Io): Promise<boolean> {
  const {discover} = await import('../../cluster/discover.js');
  return discover({paths: options.cluster, env: io.env, cwd: io.cwd}).how !== 'demo';
}
