/**
 * Keys of the `cilium-config` ConfigMap this version knows, each with what its value must be. The list follows the flags of
 * cilium-agent 1.20 and what AKS ships; a key that is not here is kept as it is, with a note.
 */

/** `bool`, `int`, `port` (0 … 65535), `text`, `cidr`, `cidr4`, `cidr6`, `ip4`, `duration`, `port-range`, or the words allowed. */
export type KeyKind =
  | 'bool'
  | 'int'
  | 'port'
  | 'text'
  | 'cidr4'
  | 'cidr6'
  | 'cidrs'
  | 'ip4'
  | 'ip6'
  | 'duration'
  | 'port-range'
  | readonly string[];

const bool = [
  'allow-localhost-policy auto-direct-node-routes bpf-algorithm-annotation bpf-events-drop-enabled',
  'bpf-events-policy-verdict-enabled bpf-events-trace-enabled bpf-lb-algorithm-annotation bpf-lb-enable-wildcard-entries',
  'bpf-lb-external-clusterip',
  'bpf-lb-mode-annotation bpf-lb-sock bpf-lb-sock-hostns-only bpf-lb-sock-terminate-pod-connections',
  'bpf-lb-source-range-all-types clustermesh-enable-endpoint-sync clustermesh-enable-mcs-api cni-exclusive',
  'cni-uninstall debug direct-routing-skip-unreachable disable-cnp-status-updates disable-embedded-dns-proxy',
  'disable-endpoint-crd disable-envoy-version-check dnsproxy-enable-transparent-mode',
  'enable-auto-protect-node-port-range enable-bandwidth-manager enable-bbr enable-bgp-control-plane enable-bpf-clock-probe',
  'enable-bpf-masquerade enable-bpf-tproxy enable-cilium-clusterwide-network-policy enable-cilium-endpoint-slice',
  'enable-cilium-network-policy enable-egress-gateway enable-encryption-strict-mode enable-endpoint-health-checking',
  'enable-endpoint-lockdown-on-policy-overflow enable-endpoint-routes enable-envoy-config enable-experimental-lb',
  'enable-external-ips enable-gateway-api enable-health-check-loadbalancer-ip enable-health-check-nodeport',
  'enable-health-checking enable-host-firewall enable-host-legacy-routing enable-host-port enable-hubble',
  'enable-hubble-open-metrics enable-icmp-rules enable-identity-mark enable-ingress-controller enable-internal-traffic-policy',
  'enable-ip-masq-agent enable-ipip-termination enable-ipsec enable-ipv4 enable-ipv4-big-tcp enable-ipv4-egress-gateway',
  'enable-ipv4-fragment-tracking enable-ipv4-masquerade enable-ipv6 enable-ipv6-big-tcp enable-ipv6-fragment-tracking',
  'enable-ipv6-masquerade enable-ipv6-ndp enable-k8s enable-k8s-endpoint-slice enable-k8s-networkpolicy',
  'enable-k8s-terminating-endpoint enable-l2-announcements enable-l2-neigh-discovery enable-l7-proxy enable-lb-ipam',
  'enable-local-node-route enable-local-redirect-policy enable-masquerade-to-route-source enable-metrics',
  'enable-nat46x64-gateway enable-node-port enable-node-selector-labels enable-non-default-deny-policies enable-pmtu-discovery',
  'enable-policy-secrets-sync enable-recorder enable-remote-node-identity enable-remote-node-masquerade',
  'enable-route-mtu-for-cni-chaining enable-runtime-device-detection enable-sctp enable-service-topology',
  'enable-session-affinity enable-socket-lb-pod-connection-termination enable-source-ip-verification enable-srv6',
  'enable-standalone-dns-proxy enable-svc-source-range-check enable-tcx enable-tunnel-big-tcp enable-unreachable-routes',
  'enable-vtep enable-well-known-identities enable-wireguard enable-xdp-prefilter enable-xt-socket-fallback encrypt-node',
  'external-envoy-proxy hubble-disable-tls hubble-export-enabled hubble-prefer-ipv6 hubble-redact-enabled',
  'install-iptables-rules install-no-conntrack-iptables-rules k8s-require-ipv4-pod-cidr',
  'k8s-require-ipv6-pod-cidr keep-config mesh-auth-enabled node-port-bind-protection',
  'policy-audit-mode preallocate-bpf-maps remove-cilium-node-taints set-cilium-is-up-condition',
  'set-cilium-node-taints synchronize-k8s-nodes tofqdns-enable-dns-compression use-full-tls-context wireguard-track-all-ips-fallback',
].join(' ');

const integer = [
  'bpf-auth-map-max bpf-ct-global-any-max bpf-ct-global-tcp-max bpf-fragments-map-max bpf-lb-affinity-map-max',
  'bpf-lb-maglev-table-size bpf-lb-map-max bpf-lb-rev-nat-map-max bpf-lb-service-backend-map-max bpf-lb-service-map-max',
  'bpf-lb-source-range-map-max bpf-nat-global-max bpf-neigh-global-max bpf-policy-map-max bpf-policy-stats-map-max cluster-id',
  'clustermesh-cache-ttl egress-gateway-policy-map-max health-check-icmp-failure-threshold hubble-event-buffer-capacity',
  'hubble-event-queue-size hubble-export-file-max-backups hubble-export-file-max-size-mb identity-max-jitter k8s-client-burst',
  'k8s-client-qps max-connected-clusters mesh-auth-queue-size',
  'mesh-auth-rotated-identities-queue-size monitor-queue-size mtu nat-map-stats-entries operator-k8s-client-burst',
  'operator-k8s-client-qps policy-queue-size proxy-cluster-max-connections proxy-cluster-max-requests proxy-connect-timeout',
  'proxy-idle-timeout-seconds proxy-initial-fetch-timeout proxy-max-connection-duration-seconds proxy-max-requests-per-connection',
  'proxy-xff-num-trusted-hops-egress proxy-xff-num-trusted-hops-ingress tofqdns-endpoint-max-ip-per-hostname',
  'tofqdns-max-deferred-connection-deletes tofqdns-min-ttl vlan-bpf-bypass-max wireguard-persistent-keepalive-seconds',
].join(' ');

const port = [
  'agent-health-port cluster-health-port gops-port tofqdns-proxy-port tofqdns-server-port',
  'tunnel-port',
].join(' ');

const duration = [
  'arping-refresh-period bpf-ct-timeout-regular-any bpf-ct-timeout-regular-tcp bpf-ct-timeout-regular-tcp-fin',
  'bpf-ct-timeout-regular-tcp-syn bpf-ct-timeout-service-any bpf-ct-timeout-service-tcp bpf-ct-timeout-service-tcp-grace',
  'cilium-endpoint-gc-interval conntrack-gc-interval conntrack-gc-max-interval dnsproxy-socket-linger-timeout',
  'egress-gateway-reconciliation-trigger-interval endpoint-gc-interval identity-change-grace-period identity-gc-interval',
  'identity-heartbeat-timeout ip-masq-agent-sync-period ipam-cilium-node-update-rate k8s-heartbeat-timeout',
  'k8s-sync-timeout mesh-auth-gc-interval monitor-aggregation-interval nat-map-stats-interval nodes-gc-interval',
  'tofqdns-idle-connection-grace-period tofqdns-proxy-response-max-delay',
].join(' ');

/** Everything with a meaning of its own, and the plain texts. */
const special: Readonly<Record<string, KeyKind>> = {
  'routing-mode': ['tunnel', 'native'],
  'tunnel-protocol': ['vxlan', 'geneve'],
  'tunnel-source-port-range': 'port-range',
  'underlay-protocol': ['auto', 'ipv4', 'ipv6'],
  'datapath-mode': ['veth', 'netkit', 'netkit-l2', 'auto'],
  'kube-proxy-replacement': 'bool',
  'bpf-lb-algorithm': ['random', 'maglev'],
  'bpf-lb-mode': ['snat', 'dsr', 'hybrid'],
  'bpf-lb-dsr-dispatch': ['opt', 'ipip', 'geneve'],
  'bpf-lb-acceleration': ['disabled', 'native', 'generic', 'best-effort', 'testing-only'],
  'bpf-lb-maglev-hash-seed': 'text',
  'service-no-backend-response': ['reject', 'drop'],
  'policy-deny-response': ['none', 'icmp'],
  'node-port-range': 'text',
  'enable-policy': ['default', 'always', 'never'],
  'bpf-lb-rss-ipv4-src-cidr': 'cidr4',
  'bpf-lb-rss-ipv6-src-cidr': 'cidr6',
  'ipv4-native-routing-cidr': 'cidr4',
  'ipv6-native-routing-cidr': 'cidr6',
  'local-router-ipv4': 'ip4',
  'local-router-ipv6': 'ip6',
  'cluster-pool-ipv4-cidr': 'cidrs',
  'cluster-pool-ipv6-cidr': 'cidrs',
  'cluster-pool-ipv4-mask-size': 'int',
  'cluster-pool-ipv6-mask-size': 'int',
  ipam: ['cluster-pool', 'kubernetes', 'multi-pool', 'crd', 'eni', 'azure', 'alibabacloud', 'delegated-plugin'],
  'identity-allocation-mode': ['crd', 'kvstore', 'doublewrite-readkvstore', 'doublewrite-readcrd'],
  'identity-management-mode': ['agent', 'operator', 'both'],
  'monitor-aggregation': ['none', 'lowest', 'low', 'medium', 'max', 'maximum', '0', '1', '2', '3', '4'],
  'cni-chaining-mode': ['none', 'aws-cni', 'flannel', 'generic-veth', 'portmap'],
};

const text = [
  'agent-not-ready-taint-key annotate-k8s-node azure-interface-name bpf-map-dynamic-size-ratio',
  'bpf-root ces-slice-mode cgroup-root cluster-name cni-chaining-target cni-log-file custom-cni-conf',
  'default-lb-service-ipam devices direct-routing-device dnsproxy-lock-count egress-masquerade-interfaces',
  'envoy-base-id envoy-config-timeout envoy-keep-cap-netbindservice exclude-local-address',
  'hubble-export-allowlist hubble-export-denylist hubble-export-fieldmask hubble-export-file-path hubble-flowlogs-config-path',
  'hubble-listen-address hubble-metrics hubble-metrics-server hubble-network-policy-correlation-enabled hubble-socket-path',
  'hubble-tls-cert-file hubble-tls-client-ca-files hubble-tls-key-file ingress-default-lb-mode ip-masq-agent-config-path',
  'ipv4-node ipv4-range ipv4-service-range ipv6-node ipv6-range ipv6-service-range kube-proxy-replacement-healthz-bind-address',
  'kvstore kvstore-opt labels log-driver log-opt metrics monitor-aggregation-flags mesh-auth-mutual-enabled',
  'mesh-auth-mutual-connect-timeout mesh-auth-mutual-listener-port mesh-auth-spire-admin-socket',
  'node-labels nodeport-addresses operator-api-serve-addr operator-prometheus-serve-addr policy-cidr-match-mode procfs',
  'prometheus-serve-addr',
  'proxy-prometheus-port read-cni-conf sidecar-istio-proxy-image state-dir tofqdns-dns-reject-response-code',
  'tofqdns-pre-cache unmanaged-pod-watcher-interval vlan-bpf-bypass vtep-cidr vtep-endpoint vtep-mac vtep-mask',
  'write-cni-conf-when-ready dnsproxy-insecure-skip-transparent-mode-check enable-k8s-api-discovery',
  'packetization-layer-pmtud-mode bpf-distributed-lru bpf-policy-map-pressure-metrics-threshold enable-cluster-aware-addressing',
  'hubble-dynamic-metrics-config-path proxy-portrange-min proxy-portrange-max auto-create-cilium-node-resource',
  'dns-max-ips-per-restored-rule dns-policy-unload-on-shutdown enable-lb-node-ipam enable-no-service-endpoints-routable',
  'enable-ztunnel gateway-api-hostnetwork-enabled ingress-hostnetwork-enabled ingress-secrets-namespace gateway-api-secrets-namespace',
].join(' ');

/** Keys of old releases: what took their place. */
export const obsoleteKeys: Readonly<Record<string, string>> = {
  tunnel:
    'say routing-mode: tunnel and tunnel-protocol: geneve or vxlan, or routing-mode: native for no encapsulation (tunnel was removed in Cilium 1.15)',
  'native-routing-cidr': 'say ipv4-native-routing-cidr',
  masquerade: 'say enable-ipv4-masquerade',
  'enable-legacy-services': 'leave it out',
  'node-port-mode': 'say bpf-lb-mode',
  'node-port-algorithm': 'say bpf-lb-algorithm',
  'node-port-acceleration': 'say bpf-lb-acceleration',
  'enable-host-reachable-services': 'say bpf-lb-sock',
  'host-reachable-services-protos': 'say bpf-lb-sock',
};

let table: Map<string, KeyKind> | undefined;

/** Every known key → what its value must be. */
export function ciliumKeys(): ReadonlyMap<string, KeyKind> {
  if (table) return table;
  table = new Map();
  const lists: [string, KeyKind][] = [
    [bool, 'bool'],
    [integer, 'int'],
    [port, 'port'],
    [duration, 'duration'],
    [text, 'text'],
  ];
  for (const [words, kind] of lists) for (const key of words.split(' ')) table.set(key, kind);
  for (const [key, kind] of Object.entries(special)) table.set(key, kind);
  return table;
}

/** Flags that change packets in a real cluster, and here do not. */
export const notSimulated: ReadonlySet<string> = new Set([
  'enable-wireguard',
  'enable-ipsec',
  'enable-srv6',
  'enable-nat46x64-gateway',
  'enable-xdp-prefilter',
  'enable-vtep',
  'enable-ipip-termination',
]);
