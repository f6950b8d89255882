/** `mpls`, `pppoed`, `pppoes`: tests of an encapsulation that move the offsets of all that follows. */
import {FilterError} from '../error.js';
import {SIZE_B, SIZE_W} from '../opcode.js';
import {and, type Condition} from './ir.js';
import * as link from './link.js';
import {description} from './link-names.js';
import {hasType} from './linktype.js';
import {compare} from './load.js';
import * as number from './numbers.js';
import {pushLink, type State} from './state.js';

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
  if (linktype === link.ETHERNET || linktype === link.CISCO_HDLC) return number.ETHERTYPE_MPLS;
  if (linktype === link.PPP) return number.PPP_MPLS;
  throw new FilterError(`no MPLS support for ${description(linktype)}`);
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
