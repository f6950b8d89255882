/** Help and usage texts in cobra's layout (command.go, pflag's FlagUsages). */
import {sessionOptionTable} from '../../session/options.js';
import {type CommandNode, type FlagRow, helpFlag} from './cobra-argv.js';

export interface HelpRow {
  readonly short: string;
  readonly long?: string;
  readonly examples?: readonly string[];
  /** Arguments as the usage line names them. */
  readonly use?: string;
}

/** What `-h` prints. */
export function helpText(node: CommandNode<HelpRow>, about: HelpRow, globals: readonly FlagRow[]): string {
  const own = node.row ? simulationOptions() : '';
  return `${about.long ?? about.short}\n\n${usageText(node, about, globals)}${own}`;
}

/** wirelay's own options, which every command takes. */
function simulationOptions(): string {
  const heads = sessionOptionTable.map(({name, value}) => `      --${name} ${value}`);
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return `\nSimulation (wirelay):\n${sessionOptionTable.map(({text}, i) => `${heads[i]!.padEnd(width)}${text}\n`).join('')}`;
}

export function usageText(node: CommandNode<HelpRow>, about: HelpRow, globals: readonly FlagRow[]): string {
  const isRoot = !node.path.includes(' ');
  const parts: string[] = ['Usage:'];
  if (node.row) parts.push(`  ${node.path}${about.use ? ` ${about.use}` : ''} [flags]`);
  if (node.children.length > 0) parts.push(`  ${node.path} [command]`);
  if (node.aliases.length > 0) parts.push('', 'Aliases:', `  ${[node.name, ...node.aliases].join(', ')}`);
  if (about.examples) parts.push('', 'Examples:', ...about.examples.map((line) => `  ${line}`));
  if (node.children.length > 0) {
    const width = Math.max(11, ...node.children.map((child) => child.name.length));
    parts.push('', 'Available Commands:');
    for (const child of [...node.children].sort((a, b) => (a.name < b.name ? -1 : 1)))
      parts.push(`  ${child.name.padEnd(width)} ${child.row?.short ?? groupShort[child.path] ?? ''}`);
  }
  const local = [...node.flags, helpFlag(node.name), ...(isRoot ? globals : [])];
  parts.push('', 'Flags:', ...flagUsages(local));
  if (!isRoot) parts.push('', 'Global Flags:', ...flagUsages(globals));
  if (node.children.length > 0)
    parts.push('', `Use "${node.path} [command] --help" for more information about a command.`);
  return `${parts.join('\n')}\n`;
}

/** Lines of groups in their parent's list. */
const groupShort: Readonly<Record<string, string>> = {
  'cilium-dbg bpf': 'Direct access to local BPF maps',
  'cilium-dbg endpoint': 'Manage endpoints',
  'cilium-dbg identity': 'Manage security identities',
  'cilium-dbg ip': 'Manage IP addresses and associated information',
  'cilium-dbg node': 'Manage cluster nodes',
  'cilium-dbg service': 'Manage services & loadbalancers',
  'cilium-dbg bpf ct': 'Connection tracking tables',
  'cilium-dbg bpf endpoint': 'Local endpoint map',
  'cilium-dbg bpf ipcache': 'Manage the IPCache mappings for IP/CIDR <-> Identity',
  'cilium-dbg bpf lb': 'Load-balancing configuration',
  'cilium-dbg bpf lb maglev': 'Maglev lookup table',
  'cilium-dbg bpf metrics': 'BPF datapath traffic metrics',
  'cilium-dbg bpf nat': 'NAT mapping tables',
  'cilium-dbg bpf nodeid': 'Manage the node IDs',
  'cilium-dbg bpf policy': 'Manage policy related BPF maps',
};

export function groupText(node: CommandNode<HelpRow>): HelpRow {
  return {short: groupShort[node.path] ?? ''};
}

const typeWord: Readonly<Record<FlagRow['type'], string>> = {
  bool: '',
  count: ' count',
  string: ' string',
  strings: ' strings',
  map: ' map',
  int: ' int',
  uint: ' uint',
  duration: ' duration',
};

function flagUsages(flags: readonly FlagRow[]): string[] {
  const heads = flags.map(
    (flag) => `  ${flag.short ? `-${flag.short}, ` : '    '}--${flag.name}${typeWord[flag.type]}`,
  );
  const width = Math.max(...heads.map((head) => head.length)) + 3;
  return flags
    .map((flag, i) => ({flag, head: heads[i]!}))
    .sort((a, b) => (a.flag.name < b.flag.name ? -1 : 1))
    .map(({flag, head}) => {
      const fallback = flag.fallback === undefined ? '' : ` (default ${flag.fallback})`;
      return `${head.padEnd(width)}${flag.text}${fallback}`;
    });
}
