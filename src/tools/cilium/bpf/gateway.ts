/** `bpf egress list`, `bpf ipmasq list` (cilium-dbg/cmd/bpf_egress_list.go, bpf_ipmasq_list.go). The real order is that of a trie. */
import {egressValues, hasEgressGateway} from '../../../control/egress.js';
import type {EgressEntry} from '../../../control/model.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {formatIp, formatPrefix, type Ip, isIp4} from '../../../wire/addr.js';
import {hasOutput, listTable, printMap, printOutput, type ViewContext} from '../output.js';

const NO_ENTRIES = 'No entries found.';

export async function egressList(context: ViewContext): Promise<number> {
  const {session, io} = context;
  if (!hasEgressGateway(session.cluster.cilium)) {
    io.stderr.write('Cannot find egress gateway bpf maps\n');
    return 0;
  }
  const entries = (session.state().egress?.entries ?? []).map(egressModel);
  if (hasOutput(context)) return printOutput(context, entries);
  if (entries.length === 0) io.stderr.write(`${NO_ENTRIES}\n`);
  else io.stdout.write(egressTable(entries));
  return 0;
}

type EgressModel = ReturnType<typeof egressModel>;

function egressModel({source, destination, egressIp, gatewayIp, ifindex}: EgressEntry) {
  return {
    SourceIP: formatIp(source),
    DestCIDR: formatPrefix(destination),
    EgressIP: formatIp(egressIp),
    GatewayIP: gatewayText(gatewayIp),
    Ifindex: ifindex,
  };
}

function gatewayText(ip: Ip): string {
  if (ip === egressValues.noGateway) return 'Not Found';
  return ip === egressValues.excluded ? 'Excluded CIDR' : formatIp(ip);
}

export function egressTable(entries: readonly EgressModel[]): string {
  const rows = entries.map((e) => `${e.SourceIP}\t${e.DestCIDR}\t${e.EgressIP}\t${e.GatewayIP}\t${e.Ifindex}\n`);
  return tabwriter(`Source IP\tDestination CIDR\tEgress IP\tGateway IP\tEgress Ifindex\n${rows.join('')}`, listTable);
}

/** A map of a family is there where BPF masquerades it and the agent is asked to. */
export async function ipmasqList(context: ViewContext): Promise<number> {
  const {cilium} = context.session.cluster;
  const masquerades = (ip: Ip) => cilium.bpfMasquerade && (isIp4(ip) ? cilium.masquerade4 : cilium.masquerade6);
  const prefixes = (cilium.ipMasqAgent ?? []).filter(({ip}) => masquerades(ip)).map(formatPrefix);
  if (hasOutput(context)) return printOutput(context, prefixes);
  return printMap(
    context,
    ['IP PREFIX/ADDRESS', ''],
    prefixes.map((prefix) => [prefix, ['']] as const),
    NO_ENTRIES,
  );
}
