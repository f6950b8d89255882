/**
 * Assigned numbers, one row per protocol: what carries it, its number, its name. Filters, printers and the frame
 * builder look numbers up here.
 * https://www.iana.org/assignments/ieee-802-numbers · /protocol-numbers · /service-names-port-numbers
 */

export interface AssignedNumber {
  readonly number: number;
  readonly name: string;
}

/** EtherTypes; above 1500, see `ETH_MAX_LENGTH`. */
export const etherTypes = {
  ipv4: {number: 0x0800, name: 'IPv4'},
  arp: {number: 0x0806, name: 'ARP'},
  teb: {number: 0x6558, name: 'TEB'},
  vlan: {number: 0x8100, name: '802.1Q'},
  ipv6: {number: 0x86dd, name: 'IPv6'},
  qinq: {number: 0x88a8, name: '802.1Q-QinQ'},
  qinq9100: {number: 0x9100, name: '802.1Q-9100'},
  qinq9200: {number: 0x9200, name: '802.1Q-9200'},
} as const satisfies Record<string, AssignedNumber>;

/** IPv4 Protocol and IPv6 Next Header values. */
export const ipProtocols = {
  hopopt: {number: 0, name: 'HOPOPT'},
  icmp: {number: 1, name: 'ICMP'},
  igmp: {number: 2, name: 'IGMP'},
  ipip: {number: 4, name: 'IPIP'},
  tcp: {number: 6, name: 'TCP'},
  udp: {number: 17, name: 'UDP'},
  ipv6: {number: 41, name: 'IPv6'},
  routing: {number: 43, name: 'IPv6-Route'},
  fragment: {number: 44, name: 'IPv6-Frag'},
  gre: {number: 47, name: 'GRE'},
  esp: {number: 50, name: 'ESP'},
  ah: {number: 51, name: 'AH'},
  icmpv6: {number: 58, name: 'ICMPv6'},
  noNext: {number: 59, name: 'IPv6-NoNxt'},
  destinationOptions: {number: 60, name: 'IPv6-Opts'},
  sctp: {number: 132, name: 'SCTP'},
} as const satisfies Record<string, AssignedNumber>;

/** UDP ports whose payload has a codec here. `vxlanLinux` is the kernel's and Cilium's default for VXLAN. */
export const udpPorts = {
  dns: {number: 53, name: 'domain'},
  mdns: {number: 5353, name: 'mdns'},
  vxlan: {number: 4789, name: 'vxlan'},
  geneve: {number: 6081, name: 'geneve'},
  vxlanLinux: {number: 8472, name: 'otv'},
} as const satisfies Record<string, AssignedNumber>;

/** TCP ports whose payload has a codec or a fixed meaning here. */
export const tcpPorts = {
  dns: {number: 53, name: 'domain'},
  http: {number: 80, name: 'http'},
  https: {number: 443, name: 'https'},
  kubernetes: {number: 6443, name: 'sun-sr-https'},
} as const satisfies Record<string, AssignedNumber>;
