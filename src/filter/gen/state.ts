/**
 * State of the code generator. The offsets are where the *next* primitive finds its headers: `vlan`, `mpls`, `pppoes` and
 * `geneve` move them, for everything to their right in the text of the expression.
 *
 *   Ethernet      linkHeader 0, linkType 12, payload 14, network +0, networkNoSnap +3
 *   vlan          linkType += 4, payload += 4
 *   mpls          network += 4, labels += 1
 *   pppoes        link becomes PPP behind the PPPoE header
 *   geneve        link becomes Ethernet; linkHeader, linkType and payload are in scratch memory from here on
 */
import {FilterError} from '../error.js';
import {MEMORY_WORDS} from '../opcode.js';
import * as link from './link.js';

/** An absolute offset: `constant`, plus, where `isVariable`, the content of scratch word `register` (-1: not given out yet). */
export interface Offset {
  constant: number;
  isVariable: boolean;
  register: number;
}

/** Resolves names of hosts; addresses in the order in which they shall be tested. */
export interface NameSource {
  host?(name: string): readonly (number | string)[] | undefined;
  network?(name: string): number | undefined;
  /** MAC address as a number. */
  ether?(name: string): number | undefined;
}

interface Settings {
  readonly linktype: number;
  readonly snaplen: number;
  /** Packets come from a file: no metadata, and BSD loopback files may come from any system. */
  readonly savefile: boolean;
  /** Packets come from a Linux device, which may take the outermost VLAN tag off a frame and hand it over as metadata. */
  readonly vlanMetadata: boolean;
  /** The file was written in the other byte order. */
  readonly swapped: boolean;
  readonly netmask: number;
  readonly names: NameSource;
}

export interface State {
  readonly settings: Settings;
  /** Kind of the current link header (DLT_*); changed by `pppoes` and `geneve`. */
  linktype: number;
  linkHeader: Offset;
  linkType: Offset;
  payload: Offset;
  /** Network header, relative to `payload`: with an Ethernet or SNAP header, and with plain 802.2. */
  network: number;
  networkNoSnap: number;
  /** MPLS labels and VLAN tags passed. */
  labels: number;
  tags: number;
  /** `payload` and `linkType` have a variable part because of a tag that may be in a packet's metadata. */
  hasVlanOffsets: boolean;
  /** The current link header is one inside Geneve, which may have none (IP in Geneve). */
  isGeneve: boolean;
  /** Cleared by primitives whose code jumps inside a block. */
  mayOptimize: boolean;
  readonly registersInUse: boolean[];
  nextRegister: number;
}

export function newState(settings: Settings): State {
  const layout = link.layoutOf(settings.linktype);
  const at = (constant: number): Offset => ({constant, isVariable: false, register: -1});
  return {
    settings,
    linktype: link.canonical(settings.linktype),
    linkHeader: at(0),
    linkType: at(layout.linkType),
    payload: at(layout.payload),
    network: layout.network,
    networkNoSnap: layout.networkNoSnap,
    labels: 0,
    tags: 0,
    hasVlanOffsets: false,
    isGeneve: false,
    mayOptimize: true,
    registersInUse: new Array<boolean>(MEMORY_WORDS).fill(false),
    nextRegister: 0,
  };
}

/** A free scratch word: the last one given out if that is free again, else the next one round the ring. */
export function takeRegister(state: State): number {
  for (let n = 0; n < MEMORY_WORDS; n++) {
    const at = state.nextRegister;
    if (!state.registersInUse[at]) {
      state.registersInUse[at] = true;
      return at;
    }
    state.nextRegister = (at + 1) % MEMORY_WORDS;
  }
  throw new FilterError('too many registers needed to evaluate expression');
}

export function freeRegister(state: State, register: number): void {
  state.registersInUse[register] = false;
}

/** A link header of another kind begins at `header`; whoever pushes it sets the other offsets. */
export function pushLink(state: State, linktype: number, header: Offset): void {
  state.linktype = linktype;
  state.linkHeader = header;
  state.isGeneve = false;
}
