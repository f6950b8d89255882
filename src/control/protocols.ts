/** L4 protocols that services know: number (IANA) and the name Cilium prints. */
import type {L4Name} from '../cluster/model.js';

const protocolNumbers = {ICMP: 1, TCP: 6, UDP: 17, ICMPv6: 58, SCTP: 132} as const;

export function protocolNumber(name: L4Name): number {
  return protocolNumbers[name];
}

/** `TCP`; `ANY` for 0, `UNKNOWN(n)` for what has no name here (pkg/u8proto). */
export function protocolName(number: number): string {
  if (number === 0) return 'ANY';
  const found = Object.entries(protocolNumbers).find(([, value]) => value === number);
  return found ? found[0] : `UNKNOWN(${number})`;
}
