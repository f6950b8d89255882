/** `endpoint list`: the node's endpoints by id, the host's own among them (cilium-dbg/cmd/endpoint_list.go). */
import type {Pod} from '../../../cluster/model.js';
import {hostEndpointLabels} from '../../../control/host-endpoint.js';
import type {EndpointInfo, NodeState, PolicyMap} from '../../../control/model.js';
import {type GoRecord, type GoValue, omitEmpty} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatIp, formatMac, type Ip, isIp4} from '../../../wire/addr.js';
import {identityLabels} from '../labels.js';
import {hasOutput, listTable, printOutput, type ViewContext} from '../output.js';
import {enforced} from '../policy.js';

/** One endpoint as the agent's API shows it. */
export interface EndpointRow {
  readonly id: number;
  readonly identity: number;
  readonly labels: readonly string[];
  readonly ipv4: string;
  readonly ipv6: string;
  readonly policy: PolicyMap | undefined;
  /** undefined: the host. */
  readonly info: EndpointInfo | undefined;
  /** Name and index of the host side device. */
  readonly device: {readonly name: string; readonly ifindex: number};
}

export async function endpointList(context: ViewContext): Promise<number> {
  const rows = endpointRows(context.session.state());
  if (hasOutput(context)) return printOutput(context, rows.map(endpointModel));
  context.io.stdout.write(endpointTable(rows, context.flags.get('no-headers') === 'true'));
  return 0;
}

/** By identifier or labels, as JSON unless `-o` says otherwise (cilium-dbg/cmd/endpoint_get.go). */
export async function endpointGet(context: ViewContext): Promise<number> {
  const {session, flags, args, io} = context;
  const rows = endpointRows(session.state());
  const fail = (message: string) => {
    io.stderr.write(`Error: ${sanitize(message)}\n`);
    return 1;
  };
  const labels = (flags.get('labels') ?? '').split(',').filter(Boolean);
  const [word] = args;
  if (labels.length > 0 && word !== undefined)
    return fail('Cannot provide both endpoint ID and labels arguments concurrently');
  if (labels.length === 0 && word === undefined) return fail('Missing endpoint id argument');
  const found =
    word === undefined
      ? rows.filter((row) => labels.every((label) => row.labels.some((own) => isLabel(own, label))))
      : rows.filter((row) => identifies(row, word));
  if (found.length > 0) {
    const json = new Map([...flags, ['output', flags.get('output') || 'json']]);
    return printOutput({...context, flags: json}, found.map(endpointModel));
  }
  if (word === undefined)
    fail(
      `Cannot get endpoints for given list of labels [${labels.join(' ')}]: [GET /endpoint][404] getEndpointNotFound`,
    );
  else if (/^[a-z-]+:/.test(word) && !idPrefixes.some((prefix) => word.startsWith(`${prefix}:`)))
    return fail(
      `Cannot parse endpoint id ${JSON.stringify(word)}: unknown endpoint ID prefix ${JSON.stringify(word.split(':')[0])}`,
    );
  else if (!/^(\d+$|[a-z0-9-]+:)/.test(word))
    return fail(`Cannot get endpoint ${word}: [GET /endpoint/{id}][400] getEndpointIdInvalid`);
  else fail(`Cannot get endpoint ${word}: [GET /endpoint/{id}][404] getEndpointIdNotFound`);
  io.stderr.write('\n');
  return 1;
}

/** What endpoints are named by (pkg/endpoint/id). */
const idPrefixes = [
  ...['cilium-local', 'cilium-global', 'container-id', 'container-name', 'pod-name', 'cep-name', 'docker-endpoint'],
  ...['cni-attachment-id', 'ipv4', 'ipv6'],
];

function identifies({id, ipv4, ipv6, info}: EndpointRow, word: string): boolean {
  if (/^\d+$/.test(word)) return id === Number(word);
  const colon = word.indexOf(':');
  const [prefix, rest] = [word.slice(0, colon), word.slice(colon + 1)];
  const pod = info?.pod;
  switch (prefix) {
    case 'cilium-local':
      return String(id) === rest;
    case 'pod-name':
    case 'cep-name':
      return pod !== undefined && rest.replace(':', '/') === `${pod.namespace}/${pod.name}`;
    case 'ipv4':
      return ipv4 !== '' && ipv4 === rest;
    case 'ipv6':
      return ipv6 !== '' && ipv6 === rest;
    default:
      return false;
  }
}

/** `k8s:app=web`; without a source any of them. */
function isLabel(own: string, wanted: string): boolean {
  return own === wanted || own.slice(own.indexOf(':') + 1) === wanted.replace(/^any:/, '');
}

export function endpointRows(state: NodeState): EndpointRow[] {
  const rows = [...state.endpointsById.values()].map((info): EndpointRow => {
    const ips = info.pod?.ips ?? (info.identity === HEALTH ? state.node.healthIps : [info.ip]);
    const device = state.host.devices.find(({ifindex}) => ifindex === info.ifindex);
    return {
      id: info.endpointId,
      identity: info.identity,
      labels: identityLabels(state.cluster, info.identity),
      ...addressPair(ips),
      policy: state.policies.get(info.endpointId),
      info,
      device: {name: device?.name ?? '', ifindex: info.ifindex},
    };
  });
  if (state.hostEndpointId !== undefined) rows.push(hostRow(state, state.hostEndpointId));
  return rows.sort((a, b) => a.id - b.id);
}

const HOST = 1;
const HEALTH = 4;

function hostRow(state: NodeState, id: number): EndpointRow {
  const device = state.host.devices.find(({name}) => name === 'cilium_host');
  return {
    id,
    identity: HOST,
    labels: hostEndpointLabels(state.node, state.config),
    ipv4: '',
    ipv6: '',
    policy: state.policies.get(id),
    info: undefined,
    device: {name: 'cilium_host', ifindex: device?.ifindex ?? 0},
  };
}

function addressPair(ips: readonly Ip[]): {ipv4: string; ipv6: string} {
  const [ipv4, ipv6] = [ips.find(isIp4), ips.find((ip) => !isIp4(ip))];
  return {ipv4: ipv4 === undefined ? '' : formatIp(ipv4), ipv6: ipv6 === undefined ? '' : formatIp(ipv6)};
}

export function endpointTable(rows: readonly EndpointRow[], noHeaders = false): string {
  let text = noHeaders
    ? ''
    : 'ENDPOINT\tPOLICY (ingress)\tPOLICY (egress)\tIDENTITY\tLABELS (source:key[=value])\tIPv6\tIPv4\tSTATUS\t\n' +
      '\tENFORCEMENT\tENFORCEMENT\t\t\t\t\t\n';
  for (const row of rows) {
    const [first = 'no labels', ...more] = row.labels;
    const cells = [
      row.id,
      enabledText(row.policy, 'ingress'),
      enabledText(row.policy, 'egress'),
      row.identity,
      sanitize(first),
      row.ipv6,
      row.ipv4,
      'ready',
    ];
    text += `${cells.join('\t')}\t\n`;
    for (const label of more) text += `\t\t\t\t${sanitize(label)}\t\t\t\t\n`;
  }
  return tabwriter(text, listTable);
}

function enabledText(policy: PolicyMap | undefined, direction: 'ingress' | 'egress'): string {
  return policy && enforced(policy, direction) ? 'Enabled' : 'Disabled';
}

function endpointModel(row: EndpointRow): GoRecord {
  const {info} = row;
  const pod = info?.pod;
  const spec = {'label-configuration': {user: omitEmpty([])}, options: omitEmpty(null)};
  return {
    id: row.id,
    spec,
    status: {
      controllers: omitEmpty([]),
      'external-identifiers': identifiers(pod),
      health: {bpf: 'OK', connected: true, overallHealth: 'OK', policy: 'OK'},
      identity: {id: row.identity, labels: row.labels, labelsSHA256: omitEmpty('')},
      labels: {
        derived: omitEmpty([]),
        disabled: omitEmpty([]),
        realized: {user: omitEmpty([])},
        'security-relevant': row.labels,
      },
      log: omitEmpty([]),
      namedPorts: omitEmpty(namedPorts(pod)),
      networking: {
        addressing: [
          {
            ipv4: omitEmpty(row.ipv4),
            'ipv4-expiration-uuid': omitEmpty(''),
            'ipv4-pool-name': omitEmpty(''),
            ipv6: omitEmpty(row.ipv6),
            'ipv6-expiration-uuid': omitEmpty(''),
            'ipv6-pool-name': omitEmpty(''),
          },
        ],
        'container-interface-name': omitEmpty(pod ? 'eth0' : ''),
        'host-addressing': omitEmpty(null),
        'host-mac': omitEmpty(info ? formatMac(info.nodeMac) : ''),
        'interface-index': omitEmpty(row.device.ifindex),
        'interface-name': omitEmpty(row.device.name),
        mac: omitEmpty(info ? formatMac(info.mac) : ''),
      },
      policy: policyStatus(row),
      realized: spec,
      state: 'ready',
    },
  };
}

function identifiers(pod: Pod | undefined): GoRecord {
  return {
    'cni-attachment-id': omitEmpty(''),
    'container-id': omitEmpty(''),
    'container-name': omitEmpty(''),
    'docker-endpoint-id': omitEmpty(''),
    'docker-network-id': omitEmpty(''),
    'k8s-namespace': omitEmpty(pod?.namespace ?? ''),
    'k8s-pod-name': omitEmpty(pod?.name ?? ''),
    'pod-name': omitEmpty(pod ? `${pod.namespace}/${pod.name}` : ''),
  };
}

function namedPorts(pod: Pod | undefined): GoValue[] {
  return (pod?.ports ?? [])
    .filter((port) => port.name !== undefined)
    .sort((a, b) => (a.name! < b.name! ? -1 : 1))
    .map(({name, port, protocol}) => ({name: name!, port: omitEmpty(port), protocol}));
}

function policyStatus(row: EndpointRow): GoRecord {
  const on = (direction: 'ingress' | 'egress') => row.policy !== undefined && enforced(row.policy, direction);
  const enabled = on('ingress') ? (on('egress') ? 'both' : 'ingress') : on('egress') ? 'egress' : 'none';
  const ids = (direction: 'ingress' | 'egress', deny: boolean) => {
    const entries = row.policy?.entries.filter((entry) => entry.direction === direction && entry.deny === deny) ?? [];
    return [...new Set(entries.map((entry) => entry.identity))].sort((a, b) => a - b);
  };
  const policy: GoRecord = {
    'allowed-egress-identities': ids('egress', false),
    'allowed-ingress-identities': ids('ingress', false),
    build: 1,
    'cidr-policy': omitEmpty(null),
    'denied-egress-identities': ids('egress', true),
    'denied-ingress-identities': ids('ingress', true),
    id: row.identity,
    l4: {egress: [], ingress: []},
    'policy-enabled': enabled,
    'policy-revision': 1,
  };
  return {'proxy-policy-revision': omitEmpty(0), 'proxy-statistics': [], realized: policy, spec: policy};
}
