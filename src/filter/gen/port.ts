/**
 * `port` and `portrange`: of TCP, UDP and SCTP over IPv4 (first or only fragments, any options) and over IPv6 (directly
 * behind the fixed header).
 */
import {FilterError} from '../error.js';
import {SIZE_B, SIZE_H} from '../opcode.js';
import {inDirection} from './direction.js';
import {and, type Condition, not, or} from './ir.js';
import {hasType} from './linktype.js';
import {type Base, compare, hasBits, isAtLeast, isAtMost} from './load.js';
import * as number from './numbers.js';
import type {Direction} from './qualifier.js';
import type {State} from './state.js';

/** A port, or, where `last` is there, all from `first` to `last`. */
export interface Ports {
  readonly first: number;
  readonly last?: number;
}

/** In IPv4 or IPv6. `protocol` undefined: any of the three. */
export function matchesPort(
  state: State,
  ports: Ports,
  protocol: number | undefined,
  direction: Direction | undefined,
): Condition {
  const inIp4 = portOverIp4(state, ports, protocol, direction);
  return or(portOverIp6(state, ports, protocol, direction), inIp4);
}

export function portOverIp4(
  state: State,
  ports: Ports,
  protocol: number | undefined,
  direction: Direction | undefined,
): Condition {
  return overIp(state, number.ETHERTYPE_IP, protocol, (p) => {
    const isFirstFragment = and(compare(state, 'network', 9, SIZE_B, p), hasNoFragmentOffset(state));
    return and(isFirstFragment, portField(state, 'transport4', ports, direction));
  });
}

export function portOverIp6(
  state: State,
  ports: Ports,
  protocol: number | undefined,
  direction: Direction | undefined,
): Condition {
  return overIp(state, number.ETHERTYPE_IP6, protocol, (p) =>
    and(compare(state, 'network', 6, SIZE_B, p), portField(state, 'transport6', ports, direction)),
  );
}

function overIp(
  state: State,
  etherType: number,
  protocol: number | undefined,
  over: (protocol: number) => Condition,
): Condition {
  const isIp = hasType(state, etherType);
  if (protocol !== undefined) return and(isIp, over(protocol));
  const tcpOrUdp = or(over(number.PROTOCOL_TCP), over(number.PROTOCOL_UDP));
  return and(isIp, or(over(number.PROTOCOL_SCTP), tcpOrUdp));
}

/** Fragment offset 0: only there is a transport header. */
export function hasNoFragmentOffset(state: State): Condition {
  return not(hasBits(state, 'network', 6, SIZE_H, 0x1fff));
}

function portField(state: State, base: Base, {first, last}: Ports, direction: Direction | undefined): Condition {
  return inDirection(direction, last === undefined ? 'ports' : 'port ranges', (end) => {
    const at = end === 'src' ? 0 : 2;
    if (last === undefined) return compare(state, base, at, SIZE_H, first);
    const low = isAtLeast(state, base, at, SIZE_H, Math.min(first, last));
    return and(low, isAtMost(state, base, at, SIZE_H, Math.max(first, last)));
  });
}

export function checkPort(port: number): void {
  if (port < 0) throw new FilterError(`illegal port number ${port} < 0`);
  if (port > 65535) throw new FilterError(`illegal port number ${port} > 65535`);
}
