/** `vlan`, `mpls`, `pppoed`, `pppoes`: tests of an encapsulation that move the offsets of all that follows. */
import {FilterError} from '../error.js';
import {SIZE_B, SIZE_H, SIZE_W} from '../opcode.js';
import {and, type Condition, or} from './ir.js';
import * as link from './link.js';
import {hasType} from './linktype.js';
import {compare} from './load.js';
import * as number from './numbers.js';
import {pushLink, type State} from './state.js';

/** 802.1Q, 802.1ad or the QinQ type of before the standard; the tag is four bytes. */
export function vlan(state: State, id: number | undefined): Condition {
  if (state.labels > 0) throw new FilterError('no VLAN match after MPLS');
  if (state.linktype !== link.ETHERNET) {
    throw new FilterError(`no VLAN support for ${link.description(state.linktype)}`);
  }
  const is8021 = or(hasType(state, number.ETHERTYPE_8021Q), hasType(state, number.ETHERTYPE_8021AD));
  let condition = or(is8021, hasType(state, number.ETHERTYPE_QINQ));
  if (id !== undefined) {
    if (id > 0xfff) throw new FilterError(`VLAN tag ${id} greater than maximum ${0xfff}`);
    condition = and(condition, compare(state, 'network', 0, SIZE_H, id, 0xfff));
  }
  state.payload.constant += 4;
  state.linkType.constant += 4;
  return condition;
}

/** The first label is told by the EtherType, each further one by a clear bottom-of-stack bit before it. RFC 3032 §2.1. */
export function mpls(state: State, label: number | undefined): Condition {
  let condition =
    state.labels > 0 ? compare(state, 'previousLabel', 2, SIZE_B, 0, 1) : hasType(state, mplsType(state.linktype));
  if (label !== undefined) {
    if (label > 0xfffff) throw new FilterError(`MPLS label ${label} greater than maximum ${0xfffff}`);
    condition = and(condition, compare(state, 'network', 0, SIZE_W, label << 12, 0xfffff000));
  }
  state.networkNoSnap += 4;
  state.network += 4;
  state.labels++;
  return condition;
}

function mplsType(linktype: number): number {
  if (linktype === link.ETHERNET) return number.ETHERTYPE_MPLS;
  if (linktype === link.PPP) return number.PPP_MPLS;
  throw new FilterError(`no MPLS support for ${link.description(linktype)}`);
}

export function pppoeDiscovery(state: State): Condition {
  return hasType(state, number.ETHERTYPE_PPPOED);
}

/** The PPPoE header has six bytes (RFC 2516 §4), then comes PPP without HDLC framing. */
export function pppoeSession(state: State, session: number | undefined): Condition {
  let condition = hasType(state, number.ETHERTYPE_PPPOES);
  if (session !== undefined) {
    if (session > 0xffff) throw new FilterError(`PPPoE session number ${session} greater than maximum ${0xffff}`);
    condition = and(condition, compare(state, 'network', 0, SIZE_W, session, 0xffff));
  }
  pushLink(state, link.PPP, {...state.payload, constant: state.payload.constant + state.network + 6});
  state.linkType = {...state.linkHeader};
  state.payload = {...state.payload, constant: state.linkHeader.constant + 2};
  state.network = 0;
  state.networkNoSnap = 0;
  return condition;
}
