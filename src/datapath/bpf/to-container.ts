/** cil_to_container: what the stack sends to a pod, where it was not delivered by redirect (bpf_lxc.c). */
import {drop} from '../drop.js';
import {admit, lookupIngress} from './delivery.js';
import {dropSites, dropToEndpoint, REASON_UNKNOWN, trace} from './events.js';
import {etherType, parseFrame, proto} from './frame.js';
import {inheritIdentity} from './host.js';
import {hostToPod} from './host-firewall.js';
import {ND_ADVERTISEMENT, ND_SOLICITATION} from './neighbour.js';
import {
  cb,
  clearMeta,
  endpointLabel,
  FINAL_OK,
  frameType,
  type HookRun,
  identity,
  isFinal,
  isReserved,
  magic,
  markMagic,
} from './run.js';

const MIN_ETHERTYPE = 0x600;

export function toContainer(run: HookRun): number {
  const {skb, program} = run;
  const type = frameType(skb);
  if (type < MIN_ETHERTYPE) return dropToEndpoint(run, dropSites.toContainer, drop.unsupportedL2, 0);
  clearMeta(skb);
  const kind = markMagic(skb.mark);
  const label = inheritIdentity(run);
  const point = kind === magic.proxyIngress || kind === magic.proxyEgress ? 'from-proxy' : 'from-stack';
  trace(
    run,
    point,
    label,
    endpointLabel(run),
    run.endpoint?.endpointId ?? 0,
    skb.ingressIfindex ?? 0,
    REASON_UNKNOWN,
    true,
  );
  if (type === etherType.arp && program.ipv4) return FINAL_OK;
  const ownHost = program.hostFirewall && program.endpointRoutes && label === identity.host;
  const family = type === etherType.ip4 && program.ipv4 ? 4 : type === etherType.ip6 && program.ipv6 ? 6 : 0;
  if (family === 0) return dropToEndpoint(run, dropSites.toContainer, drop.unknownL3, label);
  const parsed = parseFrame(run.frame, skb, family);
  if (parsed === -drop.invalid) return dropToEndpoint(run, dropSites.toContainer, drop.invalid, label);
  skb.cb[cb.sourceLabel] = label;
  if (parsed < 0) return dropToEndpoint(run, dropSites.ctLookup, -parsed, label);
  if (ownHost) {
    const ret = hostToPod(run);
    if (ret !== 0) return ret;
  }
  return receive(run, label);
}

function receive(run: HookRun, marked: number): number {
  const status = lookupIngress(run, marked);
  if (isFinal(status)) return status;
  run.skb.cb[cb.sourceLabel] = 0;
  const {frame, skb} = run;
  if (frame.family === 6 && skb.buf[frame.l3 + 6] === proto.icmp6) {
    const type = skb.buf[frame.l3 + 40];
    if (type === ND_SOLICITATION || type === ND_ADVERTISEMENT) return FINAL_OK;
  }
  let label = marked;
  if (isReserved(run, marked)) {
    const known = run.node.lookups.address(frame.source).info?.identity;
    if (known !== undefined && known !== identity.host) label = known;
  }
  const ret = admit(run, label, status, false, dropSites.lxcToEndpoint);
  return isFinal(ret) ? ret : FINAL_OK;
}
