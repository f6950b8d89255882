/** Dumps of the maps that no packet changes: ipcache, endpoints, node ids. */
import type {IpcacheEntry, NodeState} from '../../../control/model.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatIp, formatMac, formatPrefix, type Ip, isIp4} from '../../../wire/addr.js';
import {hasOutput, listTable, type MapDump, printMap, printOutput, type ViewContext} from '../output.js';

/** `bpf ipcache list` (pkg/maps/ipcache). */
export function ipcacheList(context: ViewContext): Promise<number> {
  const dump = ipcacheDump(context.session.state().ipcache.entries);
  return printMap(context, ['IP PREFIX/ADDRESS', 'IDENTITY'], dump, 'No entries found.');
}

export function ipcacheDump(entries: readonly IpcacheEntry[]): MapDump {
  return entries.map((entry) => [formatPrefix(entry.prefix), [ipcacheValue(entry)]] as const);
}

function ipcacheValue({identity, encryptKey, tunnelEndpoint, hasTunnel, skipTunnel}: IpcacheEntry): string {
  const flags = [
    skipTunnel && 'skiptunnel',
    hasTunnel && 'hastunnel',
    hasTunnel && !isIp4(tunnelEndpoint) && 'ipv6tunnel',
  ].filter((word) => word !== false);
  const words = flags.join(',') || '<none>';
  return `identity=${identity} encryptkey=${encryptKey} tunnelendpoint=${formatIp(tunnelEndpoint)} flags=${words}`;
}

/** `bpf endpoint list` (pkg/maps/lxcmap). */
export function bpfEndpointList(context: ViewContext): Promise<number> {
  return printMap(context, ['IP ADDRESS', 'LOCAL ENDPOINT INFO'], endpointDump(context.session.state()));
}

export function endpointDump({endpoints}: NodeState): MapDump {
  return [...endpoints.values()].map((endpoint) => {
    // the number behind the address is the map key's spare field, not a port: no brackets
    const key = `${formatIp(endpoint.ip)}:0`;
    if (endpoint.isHost) return [key, ['(localhost)']] as const;
    const {endpointId, identity, ifindex, mac, nodeMac} = endpoint;
    const pad = (n: number, width: number) => String(n).padEnd(width);
    const upper = (address: number) => formatMac(address).toUpperCase();
    const value =
      `id=${pad(endpointId, 5)} sec_id=${pad(identity, 5)} flags=0x0000 ifindex=${pad(ifindex, 3)} ` +
      `mac=${upper(mac)} nodemac=${upper(nodeMac)} parent_ifindex=${pad(0, 3)} rt_info:0`;
    return [key, [value]] as const;
  });
}

export interface NodeId {
  readonly id: number;
  readonly ip: Ip;
}

/** `bpf nodeid list`: own addresses have 0, other nodes a number each, in the order the agent learns of them. */
export async function nodeIdList(context: ViewContext): Promise<number> {
  const ids = nodeIds(context.session.state());
  if (hasOutput(context))
    return printOutput(
      context,
      ids.map(({id, ip}) => ({ID: id, Address: formatIp(ip), SPI: 0})),
    );
  const rows = ids.map(({id, ip}) => `0x${id.toString(16)}\t${formatIp(ip)}\t0\n`);
  context.io.stdout.write(tabwriter(`NODE ID\tIP ADDRESSES\tSPI\n${rows.join('')}`, listTable));
  return 0;
}

export function nodeIds({cluster, node}: NodeState): NodeId[] {
  const others = cluster.nodes.filter((other) => other !== node);
  return [node, ...others].flatMap((other, id) => [...other.ips, ...other.routerIps].map((ip) => ({id, ip})));
}
