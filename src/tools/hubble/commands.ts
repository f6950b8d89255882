/** The commands and flags of `hubble` that are here (cilium hubble/cmd/observe). */
import type {CommandNode, FlagRow} from '../common/cobra-argv.js';
import type {HelpRow} from '../common/cobra-help.js';
import {verdicts} from './filter.js';

export const PROGRAM = 'hubble';

export interface HubbleRow extends HelpRow {
  readonly flags: readonly FlagRow[];
}

const filter = (name: string, text: string, short?: string): FlagRow => ({
  name,
  type: 'strings',
  text,
  ...(short ? {short} : {}),
});
const flag = (name: string, text: string, short?: string): FlagRow => ({...filter(name, text, short), type: 'bool'});

/** `--pod`, `--from-pod`, `--to-pod`. */
function ends(name: string, what: string, short?: string): FlagRow[] {
  return [
    filter(`from-${name}`, `Show all flows originating at ${what}`),
    filter(name, `Show all flows related to ${what}`, short),
    filter(`to-${name}`, `Show all flows terminating at ${what}`),
  ];
}

const no = (name: string, refused: string, type: FlagRow['type'] = 'string'): FlagRow => ({
  name,
  type,
  text: `not supported: ${refused}`,
  refused,
});

const observeFlags: readonly FlagRow[] = [
  flag('all', 'Get all flows stored in Hubble’s buffer'),
  {name: 'last', type: 'uint', text: 'Get last N flows stored in Hubble’s buffer', fallback: '20'},
  {name: 'first', type: 'uint', text: 'Get first N flows stored in Hubble’s buffer'},
  flag('follow', 'Follow flows output', 'f'),
  {name: 'since', type: 'string', text: 'Filter flows since a specific date (relative duration or RFC3339)'},
  {name: 'until', type: 'string', text: 'Filter flows until a specific date (relative duration or RFC3339)'},
  flag('not', 'Reverses the next filter to be blacklist i.e. --not --from-ip 2.2.2.2'),
  ...ends('pod', 'the given pod name prefix ([namespace/]<pod-name>), namespace default'),
  ...ends('namespace', 'the given Kubernetes namespace', 'n'),
  ...ends('service', 'the given service name prefix ([namespace/]<svc-name>)'),
  ...ends('ip', 'the given IP address or CIDR'),
  ...ends('port', 'the given port'),
  ...ends('label', 'an endpoint with the given labels (e.g. "key1=value1", "reserved:world")', 'l'),
  ...ends('identity', 'an endpoint with the given security identity'),
  ...ends('workload', 'an endpoint with the given workload'),
  flag('ipv4', 'Show only IPv4 flows', '4'),
  flag('ipv6', 'Show only IPv6 flows', '6'),
  filter('ip-version', 'Show only IPv4, IPv6 flows or non IP flows (ie: "none", "v4", "v6")'),
  filter('protocol', 'Show only flows which match the given L4 flow protocol (e.g. "udp", "icmp")'),
  filter('tcp-flags', 'Show only flows which match the given TCP flags (e.g. "syn", "ack", "fin")'),
  filter('type', 'Filter by event types TYPE[:SUBTYPE]: trace, drop, policy-verdict', 't'),
  {...filter('verdict', `Show only flows with this verdict [${verdicts.join(', ')}]`), values: verdicts},
  filter('drop-reason-desc', 'Show only flows which match this drop reason (e.g. "POLICY_DENIED")'),
  {
    ...filter('traffic-direction', 'Show all flows in the given traffic direction (either ingress or egress)'),
    values: ['ingress', 'egress'],
  },
  filter('node-name', 'Show all flows which match the given node names (e.g. "k8s*")'),
  filter('interface', 'Show all flows observed at the given interface name (e.g. eth0)'),
  filter('uuid', 'Show the only flow matching this unique flow identifier, if any'),
  {
    name: 'output',
    short: 'o',
    type: 'string',
    text: 'Specify the output format, one of: compact, dict, json, jsonpb, table',
    values: ['compact', 'dict', 'json', 'jsonpb', 'table'],
    fallback: '"compact"',
  },
  flag('numeric', 'Display all information in numeric form'),
  {...flag('ip-translation', 'Translate IP addresses to logical names such as pod name'), fallback: 'true'},
  flag('print-node-name', 'Print node name in output'),
  flag('print-policy-names', 'Print policy names in output'),
  {
    name: 'time-format',
    type: 'string',
    text: 'Specify the time format for printing (StampMilli, RFC3339, RFC3339Milli, RFC3339Micro, RFC3339Nano, RFC1123Z)',
    fallback: '"StampMilli"',
  },
  no('server', 'flows come from the run'),
  no('input-file', 'flows come from the run; `wirelay observe replay` reads recorded ones'),
  no('color', 'nothing is coloured'),
  no('fqdn', 'a run keeps no DNS names of addresses', 'strings'),
  no('from-fqdn', 'a run keeps no DNS names of addresses', 'strings'),
  no('to-fqdn', 'a run keeps no DNS names of addresses', 'strings'),
  ...['http-status', 'http-method', 'http-path', 'http-url', 'http-header'].map((name) =>
    no(name, 'no proxy looks at what applications say', 'strings'),
  ),
  no('cel-expression', 'there is no CEL here', 'strings'),
  no('allowlist', 'the flags for filters say the same', 'strings'),
  no('denylist', 'the flags for filters say the same, with --not', 'strings'),
];

const observeRow: HubbleRow = {
  short: 'Observe flows and events of a Hubble server',
  examples: [
    "hubble observe --traffic 'pod-a -> pod-b:8080/tcp'",
    'hubble observe --verdict DROPPED --print-policy-names',
    'hubble observe --from-pod default/web --protocol tcp -o jsonpb',
    'hubble observe --not --type trace -o table --all',
  ],
  flags: observeFlags,
};

export function commandTree(): CommandNode<HubbleRow> {
  const flows = {name: 'flows', aliases: [], path: `${PROGRAM} observe flows`, flags: observeFlags, children: []};
  const observe = {name: 'observe', aliases: [], path: `${PROGRAM} observe`, flags: observeFlags, row: observeRow};
  return {
    name: PROGRAM,
    aliases: [],
    path: PROGRAM,
    flags: [],
    row: undefined,
    children: [{...observe, children: [{...flows, row: observeRow}]}],
  };
}
