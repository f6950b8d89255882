/** Values and combinations that the agent refuses to start with. */
import {formatPrefix} from '../wire/addr.js';
import type {CiliumConfig} from './model.js';
import type {Problems} from './problems.js';
import type {Definition} from './spec.js';

/** Smallest MTU of a device that carries IPv4, and of one that carries IPv6 (RFC 791; RFC 8200 §5). */
const IPV4_MINIMUM = 68;
const IPV6_MINIMUM = 1280;

/** Table sizes maglev accepts: primes (pkg/maglev). */
const maglevSizes = [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071];

/** What the agent says of a DSR setting it refuses, in its words (pkg/kpr/initializer/kube_proxy_replacement.go), and a way out. */
function dsrRefusal({lbMode, dsrDispatch, routingMode, tunnelProtocol}: CiliumConfig): [string, string] | undefined {
  if (routingMode === 'tunnel' && tunnelProtocol === 'vxlan')
    return [
      `Node Port "${lbMode}" mode cannot be used with vxlan tunneling.`,
      'set tunnel-protocol: geneve with bpf-lb-dsr-dispatch: geneve, or routing-mode: native',
    ];
  if (routingMode === 'tunnel' && dsrDispatch !== 'geneve')
    return [
      `Tunnel routing with Node Port "${lbMode}" mode requires geneve dispatch.`,
      'set bpf-lb-dsr-dispatch: geneve',
    ];
  if (dsrDispatch === 'geneve' && tunnelProtocol !== 'geneve')
    return [
      `Node Port "${lbMode}" mode with "geneve" dispatch requires geneve tunnel protocol.`,
      'set tunnel-protocol: geneve',
    ];
  return undefined;
}

/** Combinations the agent refuses to start with. */
export function checkConfig(
  config: CiliumConfig & {readonly egressGateway: boolean},
  definition: Definition,
  problems: Problems,
): void {
  const at = (key: string) => definition.locate(['spec', 'cilium', key]) ?? definition.ciliumConfig?.where;
  const refused = config.lbMode !== 'snat' && config.kubeProxyReplacement ? dsrRefusal(config) : undefined;
  if (refused) problems.add(refused[0], at('bpf-lb-mode'), refused[1]);
  if (!maglevSizes.includes(config.maglevTableSize))
    problems.add(
      `bpf-lb-maglev-table-size: expected one of ${maglevSizes.join(', ')}, got ${config.maglevTableSize}`,
      at('bpf-lb-maglev-table-size'),
    );
  if (!/^[A-Za-z0-9+/]{16}$/.test(config.maglevHashSeed))
    problems.add('bpf-lb-maglev-hash-seed: expected 12 bytes in base64 (16 characters)', at('bpf-lb-maglev-hash-seed'));
  if (config.egressGateway && config.underlayFamily === 6)
    problems.add('egress gateway requires an IPv4 underlay', at('underlay-protocol'));
  const least = config.enableIpv6 ? IPV6_MINIMUM : IPV4_MINIMUM;
  if (config.deviceMtu !== 0 && (config.deviceMtu - config.tunnelOverhead < least || config.deviceMtu > 65535))
    problems.add(
      `mtu: expected 0 (that of the node), or from ${least + config.tunnelOverhead} to 65535 bytes, got ${config.deviceMtu}`,
      at('mtu'),
    );
  if (config.clusterId > 511)
    problems.add(`cluster-id: expected a number from 0 to 511, got ${config.clusterId}`, at('cluster-id'));
  for (const [key, prefix] of [
    ['ipv4-native-routing-cidr', config.nativeRoutingCidr4],
    ['ipv6-native-routing-cidr', config.nativeRoutingCidr6],
  ] as const)
    if (prefix && !config.raw[key])
      problems.note('inferred', `${key} is not given: the pod CIDR ${formatPrefix(prefix)} is taken`);
}
