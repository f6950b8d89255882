/** The commands of `cilium-dbg` that are here, one row each, and the names of those that are not. */
import type {CommandNode, FlagRow} from '../common/cobra-argv.js';
import type {HelpRow} from '../common/cobra-help.js';
import type {View} from './output.js';

export interface CommandRow extends HelpRow {
  /** Words behind the program's name. */
  readonly words: string;
  /** Other names of the last word. */
  readonly aliases?: readonly string[];
  readonly flags: readonly FlagRow[];
  readonly load: () => Promise<View>;
}

export const PROGRAM = 'cilium-dbg';

const flag = (name: string, text: string, short?: string): FlagRow => ({
  name,
  type: 'bool',
  text,
  ...(short ? {short} : {}),
});
const output: FlagRow = {
  name: 'output',
  short: 'o',
  type: 'string',
  text: "json| yaml| jsonpath='{}'",
  values: ['json', 'yaml', 'jsonpath='],
};
const list = ['ls'];
const eventTypes = ['agent', 'capture', 'debug', 'drop', 'l7', 'policy-verdict', 'recorder', 'trace', 'trace-sock'];

export const commandRows: readonly CommandRow[] = [
  {
    words: 'status',
    short: 'Display status of daemon',
    examples: ['cilium-dbg status --verbose', "cilium-dbg status -o jsonpath='{.routing.tunnel-protocol}'"],
    flags: [
      flag('all-addresses', 'Show all allocated addresses, not just count'),
      flag('all-clusters', 'Show all clusters'),
      flag('all-controllers', 'Show all controllers, not just failing'),
      flag('all-health', 'Show all health status, not just failing'),
      flag('all-nodes', 'Show all nodes, not just localhost'),
      flag('all-redirects', 'Show all redirects'),
      flag('brief', 'Only print a one-line status message'),
      output,
      {
        name: 'require-k8s-connectivity',
        type: 'bool',
        fallback: 'true',
        text: 'If true, when the cilium-agent cannot access the Kubernetes control plane, this status command returns a non-zero exit status.',
      },
      {name: 'timeout', type: 'duration', fallback: '30s', text: 'Sets the timeout to use when querying for health'},
      flag(
        'verbose',
        'Equivalent to --all-addresses --all-controllers --all-nodes --all-redirects --all-clusters --all-health',
      ),
    ],
    load: async () => (await import('./status/view.js')).status,
  },
  {
    words: 'service list',
    aliases: list,
    short: 'List services',
    examples: ['cilium-dbg service list', "cilium-dbg service list -o jsonpath='{[*].spec.frontend-address.ip}'"],
    flags: [flag('clustermesh-affinity', 'Print clustermesh affinity if available'), output],
    load: async () => (await import('./list/service.js')).serviceList,
  },
  {
    words: 'endpoint list',
    aliases: list,
    short: 'List all endpoints',
    examples: ['cilium-dbg endpoint list --no-headers'],
    flags: [flag('no-headers', 'Do not print headers'), output],
    load: async () => (await import('./list/endpoint.js')).endpointList,
  },
  {
    words: 'endpoint get',
    aliases: ['show'],
    use: '( <endpoint identifier> | -l <endpoint labels> )',
    short: 'Display endpoint information',
    examples: ['cilium-dbg endpoint get 4598', 'cilium-dbg endpoint get pod-name:default:foobar'],
    flags: [{name: 'labels', short: 'l', type: 'strings', text: 'list of labels'}, output],
    load: async () => (await import('./list/endpoint.js')).endpointGet,
  },
  {
    words: 'policy selectors',
    short: 'Display cached information about selectors',
    examples: ['cilium-dbg policy selectors'],
    flags: [output, flag('verbose', 'Show the full labels', 'v')],
    load: async () => (await import('./list/selectors.js')).policySelectors,
  },
  {
    words: 'identity list',
    aliases: list,
    use: '[LABELS]',
    short: 'List identities',
    examples: ['cilium-dbg identity list --endpoints'],
    flags: [flag('endpoints', 'list identities of locally managed endpoints'), output],
    load: async () => (await import('./list/identity.js')).identityList,
  },
  {
    words: 'identity get',
    short: 'Retrieve information about an identity',
    examples: ['cilium-dbg identity get 1'],
    flags: [{name: 'label', type: 'strings', text: 'Label to lookup'}, output],
    load: async () => (await import('./list/identity.js')).identityGet,
  },
  {
    words: 'node list',
    aliases: list,
    short: 'List nodes',
    examples: ['cilium-dbg node list'],
    flags: [output],
    load: async () => (await import('./list/node.js')).nodeList,
  },
  {
    words: 'ip list',
    aliases: list,
    short: 'List IP addresses in the userspace IPcache',
    examples: ['cilium-dbg ip list -n -v'],
    flags: [
      flag('numeric', 'Print numeric identities', 'n'),
      output,
      flag('verbose', 'Print all fields of ipcache', 'v'),
    ],
    load: async () => (await import('./list/ip.js')).ipList,
  },
  {
    words: 'config',
    use: '[<option>=(enable|disable) ...]',
    short: 'Cilium configuration options',
    examples: ['cilium-dbg config --all'],
    flags: [
      flag('all', 'Display all cilium configurations', 'a'),
      flag('list-options', 'List available options'),
      {
        name: 'num-pages',
        short: 'n',
        type: 'int',
        text: 'Number of pages for perf ring buffer. New values have to be > 0',
      },
      output,
      flag('read-only', 'Display read only configurations', 'r'),
    ],
    load: async () => (await import('./config.js')).config,
  },
  {
    words: 'bpf ipcache list',
    aliases: list,
    short: 'List endpoint IPs (local and remote) and their corresponding security identities',
    long: 'List endpoint IPs (local and remote) and their corresponding security identities.',
    examples: ['cilium-dbg bpf ipcache list'],
    flags: [output],
    load: async () => (await import('./bpf/maps.js')).ipcacheList,
  },
  {
    words: 'bpf endpoint list',
    aliases: list,
    short: 'List local endpoint entries',
    examples: ['cilium-dbg bpf endpoint list'],
    flags: [output],
    load: async () => (await import('./bpf/maps.js')).bpfEndpointList,
  },
  {
    words: 'bpf nodeid list',
    short: 'List node IDs and their IP addresses',
    long: 'List node IDs and their IP addresses.',
    examples: ['cilium-dbg bpf nodeid list'],
    flags: [output],
    load: async () => (await import('./bpf/maps.js')).nodeIdList,
  },
  {
    words: 'bpf lb list',
    aliases: list,
    short: 'List load-balancing configuration',
    examples: ['cilium-dbg bpf lb list', 'cilium-dbg bpf lb list --frontends'],
    flags: [
      flag('backends', 'List all service backend entries'),
      flag('frontends', 'List all service frontend entries'),
      output,
      flag('revnat', 'List reverse NAT entries'),
      flag('source-ranges', 'List all source range entries'),
    ],
    load: async () => (await import('./bpf/lb.js')).lbList,
  },
  {
    words: 'bpf lb maglev list',
    aliases: list,
    short: 'List Maglev lookup tables',
    examples: ['cilium-dbg bpf lb maglev list'],
    flags: [output],
    load: async () => (await import('./bpf/lb.js')).maglevList,
  },
  {
    words: 'bpf ct list',
    aliases: list,
    use: '[cluster <identifier>]',
    short: 'List connection tracking entries',
    examples: ["cilium-dbg bpf ct list global -d --traffic 'pod-a -> my-svc:80/http'"],
    flags: [
      output,
      flag('time-diff', 'print time difference for entries', 'd'),
      {
        name: 'time-diff-clocksource-hz',
        type: 'int',
        fallback: '250',
        text: 'manually set clock source Hz',
        refused: 'the clock of a run counts seconds',
      },
      {
        name: 'time-diff-clocksource-mode',
        type: 'string',
        text: 'manually set clock source mode (instead of contacting the server)',
        refused: 'the clock of a run counts seconds',
      },
    ],
    load: async () => (await import('./bpf/tracking.js')).ctList,
  },
  {
    words: 'bpf nat list',
    aliases: list,
    use: '[cluster <cluster id>]',
    short: 'List all NAT mapping entries',
    examples: ["cilium-dbg bpf nat list --traffic 'pod-a -> 198.51.100.1:80/tcp'"],
    flags: [output],
    load: async () => (await import('./bpf/tracking.js')).natList,
  },
  {
    words: 'bpf egress list',
    aliases: list,
    short: 'List egress policy entries',
    long: 'List egress policy entries.',
    examples: ['cilium-dbg bpf egress list'],
    flags: [output],
    load: async () => (await import('./bpf/gateway.js')).egressList,
  },
  {
    words: 'bpf ipmasq list',
    aliases: list,
    short: 'List ip-masq-agent CIDRs',
    long: 'List ip-masq-agent CIDRs. Packets sent from pods to IPs from these CIDRs avoid masquerading.',
    examples: ['cilium-dbg bpf ipmasq list'],
    flags: [output],
    load: async () => (await import('./bpf/gateway.js')).ipmasqList,
  },
  {
    words: 'bpf policy get',
    short: 'Get contents of a policy BPF map',
    examples: ['cilium-dbg bpf policy get --all -n'],
    flags: [flag('all', 'Dump all policy maps'), flag('numeric', 'Do not resolve IDs', 'n'), output],
    load: async () => (await import('./bpf/policy.js')).policyGet,
  },
  {
    words: 'bpf metrics list',
    short: 'List BPF datapath traffic metrics',
    examples: ["cilium-dbg bpf metrics list --traffic 'pod-a -> pod-b/icmp x3'"],
    flags: [output],
    load: async () => (await import('./bpf/metrics.js')).metricsList,
  },
  {
    words: 'monitor',
    short: 'Display BPF program events',
    long: `The monitor displays notifications and events emitted by the BPF
programs attached to endpoints and devices. This includes:
  * Dropped packet notifications
  * Captured packet traces
  * Policy verdict notifications
  * Debugging information`,
    examples: [
      "cilium-dbg monitor --traffic 'pod-a -> pod-b:8080/tcp'",
      'cilium-dbg monitor -t drop -t policy-verdict',
    ],
    flags: [
      {name: 'from', type: 'strings', text: 'Filter by source endpoint id'},
      flag('hex', 'Do not dissect, print payload in HEX'),
      flag('json', 'Enable json output. Shadows -v flag', 'j'),
      {
        name: 'monitor-socket',
        type: 'string',
        text: 'Configure monitor socket path',
        refused: 'events come from the run, not from a socket',
      },
      flag('numeric', 'Display all security identities as numeric values', 'n'),
      {name: 'related-to', type: 'strings', text: 'Filter by either source or destination endpoint id'},
      {name: 'to', type: 'strings', text: 'Filter by destination endpoint id'},
      {
        name: 'type',
        short: 't',
        type: 'strings',
        text: `Filter by event types [${eventTypes.join(' ')}]`,
        values: eventTypes,
      },
      {name: 'verbose', short: 'v', type: 'count', text: 'Enable verbose output (-v, -vv)'},
    ],
    load: async () => (await import('./monitor/monitor.js')).monitor,
  },
];

export const globalFlags: readonly FlagRow[] = [
  {
    name: 'config',
    type: 'string',
    text: 'Config file (default is $HOME/.cilium.yaml)',
    refused: 'there is no agent to configure the client for',
  },
  {...flag('debug', 'Enable debug messages', 'D'), refused: 'there is no client that could say more'},
  {
    name: 'host',
    short: 'H',
    type: 'string',
    text: 'URI to server-side API',
    refused: 'no live agent is asked; --node NAME chooses whose state is shown',
  },
  {
    name: 'log-driver',
    type: 'strings',
    text: 'Logging endpoints to use (example: syslog)',
    refused: 'nothing is logged',
  },
  {name: 'log-opt', type: 'map', text: 'Log driver options (example: format=json)', refused: 'nothing is logged'},
];

/** Commands of the real program which a simulation has no answer for, or none yet. A group stands for all in it. */
export const unsupported: readonly string[] = [
  'bgp',
  'bpf auth',
  'bpf bandwidth',
  'bpf config',
  'bpf ct flush',
  'bpf endpoint delete',
  'bpf frag',
  'bpf fs',
  'bpf ipcache delete',
  'bpf ipcache get',
  'bpf ipcache match',
  'bpf ipcache update',
  'bpf metrics flush',
  'bpf multicast',
  'bpf nat flush',
  'bpf nat retries',
  'bpf policy add',
  'bpf policy delete',
  'bpf policy list',
  'bpf sha',
  'bpf socknat',
  'bpf srv6',
  'bpf vtep',
  'build-config',
  'cgroups',
  'cleanup',
  'completion',
  'debuginfo',
  'encrypt',
  'endpoint config',
  'endpoint disconnect',
  'endpoint health',
  'endpoint labels',
  'endpoint log',
  'envoy',
  'fqdn',
  'ip get',
  'kvstore',
  'loadinfo',
  'lrp',
  'map',
  'metrics',
  'nodeid',
  'policy get',
  'policy subject-selectors',
  'policy wait',
  'post-uninstall-cleanup',
  'preflight',
  'prefilter',
  'shell',
  'statedb',
  'sysdump',
  'troubleshoot',
  'version',
];

/** The rows as a tree. */
export function commandTree(rows: readonly CommandRow[] = commandRows): CommandNode<CommandRow> {
  return subtree(PROGRAM, PROGRAM, rows, []);
}

function subtree(
  name: string,
  path: string,
  rows: readonly CommandRow[],
  words: readonly string[],
): CommandNode<CommandRow> {
  const own = rows.find((row) => row.words === words.join(' '));
  const below = rows.filter(
    (row) => row.words.startsWith(words.length === 0 ? '' : `${words.join(' ')} `) && row !== own,
  );
  const names = [...new Set(below.map((row) => row.words.split(' ')[words.length]!))];
  return {
    name,
    aliases: own?.aliases ?? [],
    path,
    flags: own?.flags ?? [],
    children: names.map((child) => subtree(child, `${path} ${child}`, below, [...words, child])),
    row: own,
  };
}
