/** Sizes of the maps as the agent reports them (pkg/status/status_collector.go): option, then the default it has without one. */

const rows: readonly (readonly [name: string, key: string | undefined, size: number])[] = [
  ['Auth', 'bpf-auth-map-max', 524_288],
  ['Non-TCP connection tracking', 'bpf-ct-global-any-max', 262_144],
  ['TCP connection tracking', 'bpf-ct-global-tcp-max', 524_288],
  ['Endpoints', undefined, 65_535],
  ['IP cache', undefined, 512_000],
  ['IPv4 masquerading agent', undefined, 16_384],
  ['IPv6 masquerading agent', undefined, 16_384],
  ['IPv4 fragmentation', 'bpf-fragments-map-max', 8192],
  ['IPv4 service', 'bpf-lb-service-map-max', 65_536],
  ['IPv6 service', 'bpf-lb-service-map-max', 65_536],
  ['IPv4 service backend', 'bpf-lb-service-backend-map-max', 65_536],
  ['IPv6 service backend', 'bpf-lb-service-backend-map-max', 65_536],
  ['IPv4 service reverse NAT', 'bpf-lb-rev-nat-map-max', 65_536],
  ['IPv6 service reverse NAT', 'bpf-lb-rev-nat-map-max', 65_536],
  ['Metrics', undefined, 1024],
  ['Ratelimit metrics', undefined, 64],
  ['NAT', 'bpf-nat-global-max', 524_288],
  ['Neighbor table', 'bpf-neigh-global-max', 524_288],
  ['Endpoint policy', 'bpf-policy-map-max', 16_384],
  ['Policy stats', 'bpf-policy-stats-map-max', 65_536],
  ['Session affinity', 'bpf-lb-affinity-map-max', 65_536],
  ['Sock reverse NAT', 'bpf-sock-rev-map-max', 262_144],
];

/** Service maps follow `bpf-lb-map-max` where they have no size of their own. */
export function bpfMaps(raw: Readonly<Record<string, string>>): {ratio: number; maps: (readonly [string, number])[]} {
  const size = (key: string | undefined, fallback: number) => {
    const own = key === undefined ? undefined : raw[key];
    const shared = key?.startsWith('bpf-lb-') ? raw['bpf-lb-map-max'] : undefined;
    return Number(own || shared) || fallback;
  };
  const ratio = Number(raw['bpf-map-dynamic-size-ratio'] || 0);
  return {ratio, maps: rows.map(([name, key, fallback]) => [name, size(key, fallback)] as const)};
}
