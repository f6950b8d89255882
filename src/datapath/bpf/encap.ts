/** Encapsulation, bpf/lib/encap.h: the programs only say what the tunnel device shall do. */
import type {IpcacheEntry} from '../../control/model.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {toHex} from '../../wire/bytes.js';
import {helper, trace} from './events.js';
import {redirect} from './redirect.js';
import {type HookRun, identity} from './run.js';
import {encapsulateFrame} from './xdp-encap.js';

/** IPDEFTTL. */
const TUNNEL_TTL = 64;
const TUNINFO_IPV6 = 1;
const ZERO_CHECKSUM_TX = 2;

/** Sends the packet through the tunnel to the entry's node: tunnel key, options if any, redirect. */
export function encapsulate(
  run: HookRun,
  entry: IpcacheEntry,
  label: number,
  destinationLabel: number,
  reason: number,
  monitor: boolean,
  option?: Uint8Array,
): number {
  // The host's own identity means another host to whoever receives it.
  const source = label === identity.host ? identity.remoteNode : label;
  const ifindex = run.kind === 'xdp' ? 0 : run.program.tunnelIfindex;
  trace(run, 'to-overlay', source, destinationLabel, 0, ifindex, reason, monitor);
  if (run.kind === 'xdp') return encapsulateFrame(run, entry.tunnelEndpoint, tunnelId(run, source), option);
  setTunnelKey(run, entry.tunnelEndpoint, source);
  run.skb.tunnelOption = option;
  if (option && run.node.emit) helper(run, 'set_tunnel_opt', {len: option.length, opt: toHex(option)});
  return redirect(run, ifindex);
}

function setTunnelKey(run: HookRun, remote: Ip, label: number): void {
  const vni = tunnelId(run, label);
  const flags = isIp4(remote) ? ZERO_CHECKSUM_TX : TUNINFO_IPV6;
  const key = run.skb.tunnel;
  if (key) {
    key.vni = vni;
    key.remote = remote;
    key.ttl = TUNNEL_TTL;
    key.tos = 0;
    key.flags = flags;
  } else run.skb.tunnel = {vni, remote, ttl: TUNNEL_TTL, tos: 0, flags};
  if (run.node.emit) helper(run, 'set_tunnel_key', {vni, remote: formatIp(remote), ttl: TUNNEL_TTL, tos: 0, flags});
}

/** VNI: the identity; both world identities of a dual-stack cluster are 2 on the wire. */
function tunnelId(run: HookRun, label: number): number {
  if (run.program.fixedVni !== undefined) return run.program.fixedVni;
  const split = label === identity.worldIpv4 || label === identity.worldIpv6;
  return split && run.program.ipv4 && run.program.ipv6 ? identity.world : label;
}

/** Identity of the sender from the VNI, by the family of the inner packet. */
export function identityOfTunnel(run: HookRun, vni: number, family: 4 | 6 | 0): number {
  const {ipv4, ipv6} = run.program;
  if (vni !== identity.world || !ipv4 || !ipv6 || family === 0) return vni;
  return family === 4 ? identity.worldIpv4 : identity.worldIpv6;
}
