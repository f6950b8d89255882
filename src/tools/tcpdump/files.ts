/**
 * `tcpdump` on capture files, as far as no cluster has a part in it: names in filters and printed names may be a cluster's. It is
 * most of what the real one is used for offline, and starts several times as fast as what can do all.
 */
import {discover} from '../../cluster/discover.js';
import type {Io} from '../../term/io.js';
import {compile, expressionText, filterSnaplen, listing} from './filter.js';
import {runOffline} from './offline.js';
import {type CommandLine, readCommandLine, toExitStatus} from './run.js';

const EN10MB = 1;

/** The exit status; undefined, with nothing done yet, where the command line needs more than files. */
export function runFiles(argv: readonly string[], io: Io): Promise<number | undefined> {
  return toExitStatus(io, async () => fromFiles(readCommandLine(argv), io));
}

/** As `runFiles`, of a command line that is read. */
export async function fromFiles(line: CommandLine, io: Io): Promise<number | undefined> {
  const {args, own} = line;
  if (args.list === 'interfaces') return undefined;
  const reads = args.readFile !== undefined || args.listFile !== undefined;
  const lists = args.dumpProgram > 0 && args.device === undefined;
  if (!reads && !lists) return undefined;
  if (reads && (own !== undefined || wantsCluster(line, io))) return undefined;
  io.stderr.write(args.notices);
  if (!reads) return listOnly(line, io);
  return runOffline(args, io, undefined, loopbackOnly, undefined);
}

/** -d without a source of packets: for Ethernet, unless -y says otherwise. */
function listOnly({args}: CommandLine, io: Io): never {
  if (args.linkType === undefined) io.stderr.write('Warning: assuming Ethernet\n');
  const linkType = args.linkType?.number ?? EN10MB;
  const context = {linkType, savefile: false, swapped: false, snaplen: filterSnaplen(args)};
  throw listing(compile(expressionText(args, io), args, context), args);
}

/**
 * A file needs no cluster. One that is named, or found here as wirelay.yaml, gives names for addresses and for hosts in filters;
 * the embedded demo only does when it is named: the file is not from there.
 */
export function wantsCluster({args, options, own}: CommandLine, io: Io): boolean {
  const wantsNames =
    own !== undefined || !args.print.numeric || args.expression.length > 0 || args.filterFile !== undefined;
  if (!wantsNames) return false;
  const {how, paths} = discover({paths: options.cluster, env: io.env, cwd: io.cwd});
  return how !== 'demo' || paths.length > 0;
}

/** Names of devices by index where there is no cluster: the one that all Linux machines share. */
export function loopbackOnly(ifindex: number): string | undefined {
  return ifindex === 1 ? 'lo' : undefined;
}
