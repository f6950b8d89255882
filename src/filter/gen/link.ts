/** Link types: their numbers (pcap-linktype(7)), and where a header has what. */
/** No such field in this link type. Arithmetic with it wraps, as in libpcap. */
export const UNSET = 0xffff_ffff;

export const NULL = 0;
export const ETHERNET = 1;
export const PPP = 9;
export const SLIP = 8;
export const RAW = 12;
export const PPP_SERIAL = 50;
export const PPP_ETHER = 51;
export const CISCO_HDLC = 104;
export const PPP_PPPD = 166;
export const LOOP = 108;
export const LINUX_SLL = 113;
export const IPV4 = 228;
export const IPV6 = 229;
export const LINUX_SLL2 = 276;

/** Numbers of the same header in files and on other systems. */
const ALIASES: Readonly<Record<number, number>> = {14: RAW, 101: RAW};

export function canonical(linktype: number): number {
  return ALIASES[linktype] ?? linktype;
}

interface Layout {
  readonly linkType: number;
  readonly payload: number;
  readonly network: number;
  readonly networkNoSnap: number;
}

const LAYOUTS: Readonly<Record<number, Layout>> = {
  [NULL]: {linkType: 0, payload: 4, network: 0, networkNoSnap: 0},
  [ETHERNET]: {linkType: 12, payload: 14, network: 0, networkNoSnap: 3},
  [PPP]: {linkType: 2, payload: 4, network: 0, networkNoSnap: 0},
  [SLIP]: {linkType: UNSET, payload: 16, network: 0, networkNoSnap: 0},
  [RAW]: {linkType: UNSET, payload: 0, network: 0, networkNoSnap: 0},
  [PPP_SERIAL]: {linkType: 2, payload: 4, network: 0, networkNoSnap: 0},
  [PPP_ETHER]: {linkType: 6, payload: 8, network: 0, networkNoSnap: 0},
  [CISCO_HDLC]: {linkType: 2, payload: 4, network: 0, networkNoSnap: 0},
  [PPP_PPPD]: {linkType: 2, payload: 4, network: 0, networkNoSnap: 0},
  [LOOP]: {linkType: 0, payload: 4, network: 0, networkNoSnap: 0},
  [LINUX_SLL]: {linkType: 14, payload: 16, network: 0, networkNoSnap: 0},
  [IPV4]: {linkType: UNSET, payload: 0, network: 0, networkNoSnap: 0},
  [IPV6]: {linkType: UNSET, payload: 0, network: 0, networkNoSnap: 0},
  [LINUX_SLL2]: {linkType: 0, payload: 20, network: 0, networkNoSnap: 0},
};

/** Link types without a layout can be filtered by `link[…]` and length only. */
const UNKNOWN: Layout = {linkType: UNSET, payload: UNSET, network: UNSET, networkNoSnap: UNSET};

export function layoutOf(linktype: number): Layout {
  return LAYOUTS[canonical(linktype)] ?? UNKNOWN;
}
