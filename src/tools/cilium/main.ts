/**
 * `cilium-dbg`: the agent's client inside a Cilium pod, answered from a node's simulated state. cobra's errors go to stderr with
 * exit code 1; what the real program has and this one hasn't is said so, with exit code 2.
 */
import {takeSessionOptions} from '../../session/options.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitizeBlock} from '../../term/sanitize.js';
import {CobraError, type CommandLine, parseCommandLine} from '../common/cobra-argv.js';
import {type CommandRow, commandTree, globalFlags, PROGRAM, unsupported} from './commands.js';

export const ciliumMain: ToolMain = async (argv, io) => {
  const {options, rest: given} = takeSessionOptions(argv);
  // cobra's own command
  const rest = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  refuseCommand(rest);
  const tree = commandTree();
  let line: CommandLine<CommandRow>;
  try {
    line = parseCommandLine(tree, globalFlags, rest);
  } catch (error) {
    if (!(error instanceof CobraError)) throw error;
    return cobraProblem(io, error.message, `Run '${PROGRAM} --help' for usage.\n`);
  }
  const {node, flags, args, error} = line;
  if (error || flags.get('help') === 'true' || !node.row) return explain(line, node === tree, io);
  for (const row of [...node.flags, ...globalFlags])
    if (row.refused !== undefined && flags.has(row.name))
      throw new UserError({message: `${node.path}: --${row.name} is not supported: ${row.refused}`});
  const {createSession} = await import('../../session/session.js');
  const [session, view] = await Promise.all([createSession(options, io), node.row.load()]);
  if (session.cluster.dataplane !== 'cilium') return noAgent(session, node.row, io);
  return view({session, flags, args, io});
};

/** Help, or what is wrong with the flags and the usage. */
async function explain({node, args, error}: CommandLine<CommandRow>, isRoot: boolean, io: Io): Promise<number> {
  const {groupText, helpText, usageText} = await import('../common/cobra-help.js');
  const about = isRoot ? {short: 'CLI for interacting with the local Cilium Agent'} : (node.row ?? groupText(node));
  if (error) return cobraProblem(io, error.message, `${usageText(node, about, globalFlags)}\n`);
  io.stdout.write(helpText(node, about, globalFlags));
  // a removed command is to cobra an argument of its group, which answers with its help
  if (node.path === `${PROGRAM} bpf` && args[0] === 'tunnel')
    io.stderr.write('wirelay: `bpf tunnel` is gone since Cilium 1.18: tunnel endpoints are in `bpf ipcache list`\n');
  return 0;
}

function cobraProblem(io: Io, message: string, after: string): number {
  io.stderr.write(`Error: ${sanitizeBlock(message)}\n${after}`);
  return 1;
}

/** Where the command line names something that only the real program has. */
function refuseCommand(argv: readonly string[]): void {
  const words = argv.filter((word) => !word.startsWith('-'));
  const line = `${words.join(' ')} `;
  const name = unsupported.find((command) => line.startsWith(`${command} `));
  if (name !== undefined && !argv.includes('-h') && !argv.includes('--help'))
    throw new UserError({message: `${PROGRAM} ${name} is not supported here`, hint: `${PROGRAM} -h lists what is`});
}

/** A cluster with kube-proxy and without Cilium has no agent to ask. */
function noAgent({node}: Session, {words}: CommandRow, io: Io): number {
  if (words.startsWith('bpf ')) io.stderr.write('Error: unable to open the maps: no such file or directory\n');
  else
    io.stderr.write(
      'Get "http://localhost/v1/healthz": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?\n',
    );
  io.stderr.write(`wirelay: ${node.name} has no Cilium agent: the cluster's dataplane is kube-proxy\n`);
  return 1;
}
