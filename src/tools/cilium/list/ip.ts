/** `ip list`: the agent's own ipcache, which knows more than the map does (cilium-dbg/cmd/ip_list.go). */
import type {Pod} from '../../../cluster/model.js';
import type {IpcacheEntry, NodeState} from '../../../control/model.js';
import {type GoRecord, omitEmpty} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {compareIp, formatIp, formatPrefix, type Ip, ipBits, isIp4} from '../../../wire/addr.js';
import {identityLabels} from '../labels.js';
import {hasOutput, listTable, printOutput, type ViewContext} from '../output.js';

interface IpRow {
  readonly entry: IpcacheEntry;
  readonly host: string;
  readonly pod: Pod | undefined;
  readonly source: string;
}

export async function ipList(context: ViewContext): Promise<number> {
  const {session, flags, io} = context;
  const state = session.state();
  const rows = ipRows(state);
  if (hasOutput(context)) return printOutput(context, rows.map(rowModel));
  const on = (flag: string) => flags.get(flag) === 'true';
  io.stdout.write(ipTable(state, rows, on('numeric'), on('verbose')));
  return 0;
}

/** Wide prefixes first, then by address (pkg/ipcache/types/entries.go). */
function ipRows(state: NodeState): IpRow[] {
  const {cluster, node} = state;
  const pods = new Map<Ip, Pod>();
  for (const pod of cluster.pods) if (!pod.hostNetwork) for (const ip of pod.ips) pods.set(ip, pod);
  const nodeIps = new Map(cluster.nodes.map((other) => [other.name, other.ips] as const));
  return [...state.ipcache.entries]
    .sort((a, b) => a.prefix.length - b.prefix.length || compareIp(a.prefix.ip, b.prefix.ip))
    .map((entry) => {
      const {ip, length} = entry.prefix;
      const pod = length === ipBits(ip) ? pods.get(ip) : undefined;
      const hosts = pod?.node === undefined ? undefined : nodeIps.get(pod.node);
      const host = entry.hasTunnel ? entry.tunnelEndpoint : (hosts?.find((h) => isIp4(h) === isIp4(ip)) ?? hosts?.[0]);
      return {
        entry,
        host: host === undefined ? '' : formatIp(host),
        pod,
        source: pod === undefined ? '' : pod.node === node.name ? 'local' : 'custom-resource',
      };
    });
}

export function ipTable(state: NodeState, rows: readonly IpRow[], numeric: boolean, verbose: boolean): string {
  let text = `IP\tIDENTITY\tSOURCE${verbose ? '\tHOST\tENCRYPT_KEY' : ''}\n`;
  for (const {entry, host, source} of rows) {
    const labels = numeric ? [String(entry.identity)] : identityLabels(state.cluster, entry.identity);
    for (const [i, label] of [...labels].sort().entries()) {
      const more = verbose ? `\t${host}\t${entry.encryptKey}` : '';
      text +=
        i === 0 ? `${formatPrefix(entry.prefix)}\t${sanitize(label)}\t${source}${more}\n` : `\t${sanitize(label)}\t\n`;
    }
  }
  return tabwriter(text, listTable);
}

function rowModel({entry, host, pod, source}: IpRow): GoRecord {
  const metadata = pod && {name: pod.name, namespace: pod.namespace, source};
  return {
    cidr: formatPrefix(entry.prefix),
    encryptKey: omitEmpty(entry.encryptKey),
    hostIP: omitEmpty(host),
    identity: entry.identity,
    metadata: omitEmpty(metadata ?? null),
  };
}
