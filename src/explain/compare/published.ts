/** Measurements that others have published, with where they stand; nothing here was measured by this program. */

export interface Published {
  readonly text: string;
  readonly source: string;
}

const tke =
  'imroc/tke-guide, cilium/appendix/network-benchmark.md, 2026 (Kubernetes 1.34.1, Cilium 1.19.5, kernel 6.6, 4 endpoints a service)';

export const published: readonly Published[] = [
  {
    text: 'new connections a second at 0 / 5,000 / 10,000 / 30,000 services: iptables 31,365 / 22,237 / 17,261 / 9,057; Cilium, native 13,826 / 12,774 / 11,895 / 10,286; Cilium, VXLAN 14,193 / 13,122 / 12,746 / 12,879',
    source: tke,
  },
  {
    text: 'the same over kept connections, 5,000 to 30,000 services: iptables loses 0.2 to 2.1 %',
    source: tke,
  },
  {
    text: 'TCP request and response, median: iptables 84 µs, Cilium native 85 µs, Cilium VXLAN 95 µs; pod to pod 10.43 / 10.43 / 10.77 Gbit/s, the card’s limit',
    source: tke,
  },
  {
    text: 'first packet at 5,000 and 10,000 services: nftables’ median is about iptables’ best hundredth; at 30,000 its worst is below iptables’ best',
    source: 'kubernetes.io blog, 2025-02-28 (Dan Winship)',
  },
];
