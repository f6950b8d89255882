/** Ports of a packet, and for later fragments those of the datagram's first one (cilium_ipv4/6_frag_datagrams). */
import {get16} from '../../wire/bytes.js';
import {drop} from '../drop.js';
import {DESTINATION_PORT, type Frame, SOURCE_PORT} from './frame.js';
import type {HookRun, Tuple} from './run.js';

function datagramKey(f: Frame): string {
  return `${f.source}|${f.destination}|${f.fragmentId}|${f.protocol}`;
}

/**
 * Loads the ports into `t` in the order of a reply's key: dport = source port of the packet, sport = destination port.
 * 0, or minus a drop reason.
 */
export function loadPorts(run: HookRun, t: Tuple): number {
  const f = run.frame;
  const tracked = f.family === 4 ? run.program.fragments4 : run.program.fragments6;
  if (!f.hasL4) {
    if (!tracked) return -drop.fragNosupport;
    const known = run.node.fragments.get(datagramKey(f));
    if (!known) return -drop.fragNotFound;
    t.dport = known.sourcePort;
    t.sport = known.destinationPort;
    return 0;
  }
  const {buf, end} = run.skb;
  if (f.l4 + 4 > end) return -drop.ctInvalidHdr;
  t.dport = get16(buf, f.l4 + SOURCE_PORT);
  t.sport = get16(buf, f.l4 + DESTINATION_PORT);
  if (f.fragment && tracked) {
    run.node.fragments.set(datagramKey(f), {sourcePort: t.dport, destinationPort: t.sport});
  }
  return 0;
}
