/** The profile `wirelay`: columns, colours, decodings and names, in the formats of Wireshark's own files. */
import type {Cluster} from '../../cluster/model.js';
import {clusterNames} from '../../session/names.js';
import {formatIp} from '../../wire/addr.js';

/** Custom columns: `%Cus:FIELD:OCCURRENCE:R`, occurrence 0 = all (epan/column.c). */
const columns: readonly (readonly [title: string, format: string])[] = [
  ['No.', '%m'],
  ['Time', '%t'],
  ['Interface', '%Cus:frame.interface_name:0:R'],
  ['Source', '%s'],
  ['Destination', '%d'],
  ['Protocol', '%p'],
  ['VNI', '%Cus:geneve.vni or vxlan.vni:1:R'],
  ['Identity', '%Cus:wirelay.identity:0:R'],
  ['Inner source', '%Cus:wirelay.inner.src:0:R'],
  ['Inner destination', '%Cus:wirelay.inner.dst:0:R'],
  ['Info', '%i'],
  ['Why', '%Cus:frame.comment:0:R'],
];

/** No name is asked of the network: what has one is in `hosts`. */
export function preferences(): string {
  const list = columns.map(([title, format]) => `\t"${title}", "${format}"`).join(',\n');
  return [
    '# Written by `wirelay wireshark install`',
    `gui.column.format: \n${list}`,
    'nameres.network_name: TRUE',
    'nameres.use_external_name_resolver: FALSE',
    'nameres.hosts_file_handling: TRUE',
    'nameres.dns_pkt_addr_resolution: FALSE',
    '',
  ].join('\n');
}

type Rgb = readonly [red: number, green: number, blue: number];
/** 8 bits each; distinct in lightness too. First match wins. */
const rules: readonly (readonly [name: string, filter: string, background: Rgb, foreground: Rgb])[] = [
  ['denied by policy', 'frame.comment contains "Policy denied"', [164, 0, 0], [255, 255, 255]],
  ['dropped', 'frame.verdict.ebpf_tc == 2', [60, 60, 60], [255, 180, 180]],
  ['unreachable', 'icmp.type == 3 || icmp.type == 11 || icmpv6.type < 5', [255, 220, 150], [90, 40, 0]],
  ['reset', 'tcp.flags.reset == 1', [255, 235, 200], [120, 0, 0]],
  ['in a tunnel', 'geneve || vxlan', [232, 222, 255], [40, 10, 80]],
  ['neighbour discovery', 'arp || icmpv6.type == 135 || icmpv6.type == 136', [245, 245, 235], [90, 90, 80]],
  ['DNS', 'dns', [220, 240, 255], [10, 40, 80]],
  ['TCP', 'tcp', [231, 246, 231], [10, 50, 20]],
  ['UDP', 'udp', [222, 238, 250], [10, 40, 70]],
];

export function colorFilters(): string {
  const wide = (color: Rgb) => color.map((part) => part * 257).join(',');
  const lines = rules.map(
    ([name, filter, background, foreground]) =>
      `@wirelay: ${name}@${filter}@[${wide(background)}][${wide(foreground)}]`,
  );
  return `# Written by \`wirelay wireshark install\`\n${lines.join('\n')}\n`;
}

/** Cilium's VXLAN port, which Wireshark takes for another protocol's, and this cluster's tunnel. */
export function decodeAs({cilium}: Cluster): string {
  const ports = new Map([[8472, 'VXLAN']]);
  if (cilium.routingMode === 'tunnel')
    ports.set(cilium.tunnelPort, cilium.tunnelProtocol === 'geneve' ? 'Geneve' : 'VXLAN');
  const lines = [...ports].map(([port, protocol]) => `decode_as_entry: udp.port,${port},(none),${protocol}\n`);
  return `# Written by \`wirelay wireshark install\`\n${lines.join('')}`;
}

/** One name per address, the first. */
export function hosts(cluster: Cluster): string {
  const lines = clusterNames(cluster).map(({ip, names}) => `${formatIp(ip)}\t${hostName(names[0] ?? '')}\n`);
  return `# Written by \`wirelay wireshark install\`: cluster ${hostName(cluster.name)}\n${lines.join('')}`;
}

function hostName(text: string): string {
  return text.replace(/[^\w.-]/g, '_').slice(0, 253);
}
