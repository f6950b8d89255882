/**
 * Maps that tell what programs ask them, for those who explain a packet. The watched maps take the place of the plain ones in the
 * runtime, so that nothing is asked, built or tested while nobody listens. Names are those of Cilium's pinned maps.
 */
import type {EndpointInfo, Frontend, IpcacheEntry, PolicyEntry, ServiceMaps} from '../../control/model.js';
import {serviceFlags} from '../../control/model.js';
import {formatIp, formatIpPort, formatPrefix, type Ip, isIp4} from '../../wire/addr.js';
import {ipProtocols} from '../../wire/iana.js';
import {
  type ConntrackTable,
  type CtEntry,
  ctFlags,
  type NatTable,
  type NodeRuntime,
  type TupleTable,
} from '../model.js';
import type {LookupStep} from '../step-model.js';
import type {Lookups} from './lookups.js';

type Tell = (map: string, key: string, value: string | undefined, entry?: PolicyEntry, endpoint?: number) => void;

const TCP = 6;

/** The runtime with maps that tell. */
export function watchMaps(runtime: NodeRuntime, step: (step: LookupStep) => void): NodeRuntime {
  const {state} = runtime;
  const node = state.node.name;
  const tell: Tell = (map, key, value, entry, endpoint) =>
    step({kind: 'lookup', node, map, key, value, ...(entry && endpoint !== undefined ? {entry, endpoint} : {})});
  let services: ServiceMaps | undefined;
  return Object.assign(runtime, {
    lookups: watchLookups(runtime, tell),
    ct: watchConntrack(runtime.ct, tell),
    nat: watchNat(runtime.nat, tell),
    state: Object.create(state, {
      services: {get: () => (services ??= watchServices(state.services, tell)), enumerable: true},
    }),
  });
}

function watchLookups({lookups}: NodeRuntime, tell: Tell): Lookups {
  return {
    device: (ifindex) => lookups.device(ifindex),
    address(ip) {
      const facts = lookups.address(ip);
      return {
        ip,
        isService: facts.isService,
        get info() {
          tell('cilium_ipcache_v2', formatIp(ip), facts.info && ipcacheText(facts.info));
          return facts.info;
        },
        get endpoint() {
          tell('cilium_lxc', formatIp(ip), facts.endpoint && endpointText(facts.endpoint));
          return facts.endpoint;
        },
      };
    },
    policy(endpointId, direction, identity, protocol, port) {
      const verdict = lookups.policy(endpointId, direction, identity, protocol, port);
      if (!verdict) return verdict;
      const key = `${direction} identity ${identity} ${portText(protocol, port)}`;
      const {entry} = verdict;
      tell('cilium_policy_v2', key, entry && policyEntryText(entry), entry, endpointId);
      return verdict;
    },
  };
}

function policyEntryText(entry: PolicyEntry): string {
  const {direction, identity, protocol, port, portBits, deny, proxyPort} = entry;
  const ports =
    protocol === 0
      ? 'ANY'
      : portBits === 0
        ? protocolText(protocol)
        : `${port}${portBits < 16 ? `/${portBits}` : ''}/${protocolText(protocol)}`;
  const proxy = proxyPort > 0 ? `, proxy port ${proxyPort}` : '';
  return `${deny ? 'Deny' : 'Allow'} ${direction} identity ${identity === 0 ? 'ANY' : identity} ${ports}${proxy}`;
}

function ipcacheText({prefix, identity, tunnelEndpoint, hasTunnel}: IpcacheEntry): string {
  return `${formatPrefix(prefix)} identity=${identity}${hasTunnel ? ` tunnelendpoint=${formatIp(tunnelEndpoint)}` : ''}`;
}

function endpointText({endpointId, isHost, ifindex, identity}: EndpointInfo): string {
  return isHost ? '(localhost)' : `id=${endpointId} sec_id=${identity} ifindex=${ifindex}`;
}

function watchServices(services: ServiceMaps, tell: Tell): ServiceMaps {
  return Object.create(services, {
    lookup: {
      value: (ip: Ip, port: number, protocol: number, scope: 'external' | 'internal') => {
        const found = services.lookup(ip, port, protocol, scope);
        const map = `cilium_lb${isIp4(ip) ? 4 : 6}_services_v2`;
        const key = `${formatIpPort(ip, port)}/${protocolText(protocol)}${scope === 'internal' ? '/i' : ''} (0)`;
        tell(map, key, found && frontendText(found));
        return found;
      },
    },
  });
}

const flagWords: readonly (readonly [bit: number, word: string])[] = [
  [serviceFlags.extLocal, 'Local'],
  [serviceFlags.intLocal, 'InternalLocal'],
  [serviceFlags.affinity, 'sessionAffinity'],
  [serviceFlags.sourceRange, 'check source-range'],
  [serviceFlags.twoScopes, 'two-scopes'],
  [serviceFlags.dsr, 'dsr'],
];

function frontendText({id, type, count, flags, flags2}: Frontend): string {
  const bits = flags | (flags2 << 8);
  const words = flagWords.filter(([bit]) => bits & bit).map(([, word]) => word);
  if ((bits & serviceFlags.routable) === 0) words.push('non-routable');
  return `id ${id}, ${count} backend${count === 1 ? '' : 's'} [${[type, ...words].join(', ')}]`;
}

/** A table that tells of each key it is asked for. */
function watchTable<E>(
  table: TupleTable<E>,
  told: (entry: E | undefined, ...key: Parameters<TupleTable<E>['find']>) => void,
): TupleTable<E> {
  return {
    find(...key) {
      const entry = table.find(...key);
      told(entry, ...key);
      return entry;
    },
    insert: (entry) => table.insert(entry),
    remove: (entry) => table.remove(entry),
    clear: () => table.clear(),
    entries: () => table.entries(),
    get size() {
      return table.size;
    },
  };
}

function watchConntrack(table: ConntrackTable, tell: Tell): ConntrackTable {
  return watchTable(table, (entry, daddr, saddr, dport, sport, protocol, flags) => {
    const map = `cilium_ct${protocol === TCP ? '' : '_any'}${isIp4(daddr) ? 4 : 6}_global`;
    tell(map, ctKey(daddr, saddr, dport, sport, protocol, flags), entry && ctText(entry));
  });
}

/** As `bpf ct list` prints it: addresses and ports the way the first packet has them. */
function ctKey(daddr: Ip, saddr: Ip, dport: number, sport: number, protocol: number, flags: number): string {
  const service = (flags & ctFlags.SERVICE) !== 0;
  const scope = service ? 'SVC' : flags & ctFlags.IN ? 'IN' : 'OUT';
  const related = flags & ctFlags.RELATED ? 'related ' : '';
  const [from, to] = service ? [dport, sport] : [sport, dport];
  const ends = service
    ? `${formatIpPort(saddr, from)} -> ${formatIpPort(daddr, to)}`
    : `${formatIpPort(daddr, from)} -> ${formatIpPort(saddr, to)}`;
  return `${protocolText(protocol)} ${scope} ${related}${ends}`;
}

function ctText({revNat, sourceIdentity, backendId, nodePort, lbLoopback, dsrInternal}: CtEntry): string {
  const words = [
    ...(sourceIdentity ? [`SourceSecurityID=${sourceIdentity}`] : []),
    ...(revNat ? [`RevNAT=${revNat}`] : []),
    ...(backendId ? [`BackendID=${backendId}`] : []),
    ...(nodePort ? ['NodePort'] : []),
    ...(lbLoopback ? ['LBLoopback'] : []),
    ...(dsrInternal ? ['DSRInternal'] : []),
  ];
  return words.join(' ') || 'found';
}

function watchNat(table: NatTable, tell: Tell): NatTable {
  return watchTable(table, (entry, daddr, saddr, dport, sport, protocol, flags) => {
    const key = `${protocolText(protocol)} ${flags & ctFlags.IN ? 'IN' : 'OUT'} ${formatIpPort(saddr, sport)} -> ${formatIpPort(daddr, dport)}`;
    tell(`cilium_snat_v${isIp4(daddr) ? 4 : 6}_external`, key, entry && `to ${formatIpPort(entry.toIp, entry.toPort)}`);
  });
}

function protocolText(protocol: number): string {
  if (protocol === 0) return 'ANY';
  return Object.values(ipProtocols).find(({number}) => number === protocol)?.name ?? String(protocol);
}

/** Of ICMP the port is the type. */
function portText(protocol: number, port: number): string {
  const name = protocolText(protocol);
  return protocol === ipProtocols.icmp.number || protocol === ipProtocols.icmpv6.number
    ? `${name} type ${port}`
    : `${port}/${name}`;
}
