/** Policy verdicts of an endpoint, bpf/lib/policy.h. */
import {drop} from '../drop.js';
import {ctStatus} from './conntrack.js';
import {ownEndpoint, policyVerdict} from './events.js';
import {proto} from './frame.js';
import type {HookRun} from './run.js';

const ICMP4_UNREACHABLE = 3;
const ICMP4_FRAG_NEEDED = 4;
const MATCH_NONE = 0;
const MATCH_ALL = 4;

/**
 * Verdict for the packet of `run.tuple` between the running endpoint and `remote`, told when it denies or the connection is
 * not established. 0, or minus a drop reason; `run.proxyPort` where it goes to a proxy.
 */
export function checkPolicy(run: HookRun, direction: 'ingress' | 'egress', remote: number, status: number): number {
  const t = run.tuple;
  run.policyMatch = MATCH_NONE;
  run.proxyPort = 0;
  const forged = direction === 'egress' && isTunnelTraffic(run);
  let verdict = forged ? -drop.encapProhibited : decide(run, direction, remote);
  const audited = verdict < 0 && !forged && run.program.policyAudit;
  if (audited) verdict = 0;
  if (verdict !== 0 || status !== ctStatus.established) {
    const told = verdict || swap16(run.proxyPort);
    policyVerdict(run, direction, told, run.policyMatch, remote, t.dport, t.protocol, audited);
  }
  return verdict;
}

/** Pods must not forge packets of the tunnel; the node's own are real. */
function isTunnelTraffic(run: HookRun): boolean {
  const {program, tuple} = run;
  if (!program.encap || tuple.protocol !== proto.udp || tuple.dport !== program.tunnelPort) return false;
  return run.kind !== 'host';
}

function decide(run: HookRun, direction: 'ingress' | 'egress', remote: number): number {
  const {frame, skb, tuple} = run;
  let port = tuple.dport;
  if (frame.protocol === proto.icmp && frame.family === 4) {
    if (frame.l4 + 8 > skb.end) return -drop.invalid;
    const type = skb.buf[frame.l4]!;
    if (type === ICMP4_UNREACHABLE && skb.buf[frame.l4 + 1] === ICMP4_FRAG_NEEDED) return 0;
    port = type;
  } else if (frame.protocol === proto.icmp6 && frame.family === 6) {
    if (frame.l4 + 1 > skb.end) return -drop.invalid;
    port = skb.buf[frame.l4]!;
  }
  const found = run.node.lookups.policy(ownEndpoint(run), direction, remote, tuple.protocol, port);
  if (!found) {
    run.policyMatch = MATCH_ALL;
    return 0;
  }
  const {entry, match} = found;
  run.policyMatch = match;
  if (entry) {
    run.proxyPort = entry.deny ? 0 : entry.proxyPort;
    return entry.deny ? -drop.policyDeny : 0;
  }
  const tracked = frame.family === 4 ? run.program.fragments4 : run.program.fragments6;
  return direction === 'ingress' && frame.fragment && !tracked ? -drop.fragNosupport : -drop.policy;
}

/** The proxy port stands in network byte order in the notification and in the mark. */
export function swap16(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}
