/**
 * Link types as files state them, and what libpcap makes of them. libpcap 1.10.3 pcap-common.c, on Linux.
 */

/** MAXIMUM_SNAPLEN. */
const MAX_SNAPLEN = 262_144;

/** LINKTYPE values whose DLT is another number. */
const dltOfLinktype: Readonly<Record<number, number>> = {100: 11, 101: 12, 102: 15, 103: 16, 106: 19};

/** The link type whose packets these are: 12, DLT_RAW, is read as 101. */
export function knownLinktype(linktype: number): number {
  return linktype === 12 ? 101 : linktype;
}

/** libpcap's own number. It compares this of the first interface with the unmapped value of later ones. */
export function dltOf(linktype: number): number {
  return dltOfLinktype[linktype] ?? linktype;
}

/** Largest packet that counts as sane. */
export function maxSnaplen(linktype: number): number {
  if (linktype === 231) return 128 << 20; // D-Bus
  if (linktype === 279) return 8 << 20; // EBHSCR
  return linktype === 249 ? 1 << 20 : MAX_SNAPLEN; // USBPcap
}

/** A stated snapshot length of 0 or above 2^31-1 means the largest. */
export function adjustSnaplen(linktype: number, snaplen: number): number {
  return snaplen === 0 || snaplen > 0x7fffffff ? maxSnaplen(linktype) : snaplen;
}
