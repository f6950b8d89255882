/** Assigned numbers that filter programs compare with: IANA EtherTypes and protocol numbers, IEEE 802.2 SAPs, PPP, ISO. */

/** EtherTypes are greater than this; up to it the field is an 802.3 length, and numbers stand for 802.2 SAPs. */
export const MAX_8023_LENGTH = 1500;

export const ETHERTYPE_NS = 0x0600;
export const ETHERTYPE_IP = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_MOPDL = 0x6001;
export const ETHERTYPE_MOPRC = 0x6002;
export const ETHERTYPE_DECNET = 0x6003;
export const ETHERTYPE_LAT = 0x6004;
export const ETHERTYPE_SCA = 0x6007;
export const ETHERTYPE_TEB = 0x6558;
export const ETHERTYPE_RARP = 0x8035;
export const ETHERTYPE_ATALK = 0x809b;
export const ETHERTYPE_AARP = 0x80f3;
export const ETHERTYPE_8021Q = 0x8100;
export const ETHERTYPE_IPX = 0x8137;
export const ETHERTYPE_IP6 = 0x86dd;
export const ETHERTYPE_MPLS = 0x8847;
export const ETHERTYPE_PPPOED = 0x8863;
export const ETHERTYPE_PPPOES = 0x8864;
export const ETHERTYPE_8021AD = 0x88a8;
export const ETHERTYPE_LOOPBACK = 0x9000;
export const ETHERTYPE_QINQ = 0x9100;

export const SAP_IP = 0x06;
export const SAP_STP = 0x42;
export const SAP_SNAP = 0xaa;
export const SAP_IPX = 0xe0;
export const SAP_NETBEUI = 0xf0;
export const SAP_ISO = 0xfe;

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IGMP = 2;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_IGRP = 9;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ROUTING = 43;
export const PROTOCOL_FRAGMENT = 44;
export const PROTOCOL_ESP = 50;
export const PROTOCOL_AH = 51;
export const PROTOCOL_ICMP6 = 58;
export const PROTOCOL_NONE = 59;
export const PROTOCOL_DSTOPTS = 60;
export const PROTOCOL_PIM = 103;
export const PROTOCOL_VRRP = 112;
export const PROTOCOL_SCTP = 132;

/** ISO/IEC TR 9577 network layer protocol identifiers. */
export const NLPID_CLNP = 0x81;
export const NLPID_ESIS = 0x82;
export const NLPID_ISIS = 0x83;

/** IS-IS PDU types, ISO 10589 §9. */
export const ISIS_L1_HELLO = 15;
export const ISIS_L2_HELLO = 16;
export const ISIS_PTP_HELLO = 17;
export const ISIS_L1_LSP = 18;
export const ISIS_L2_LSP = 20;
export const ISIS_L1_CSNP = 24;
export const ISIS_L2_CSNP = 25;
export const ISIS_L1_PSNP = 26;
export const ISIS_L2_PSNP = 27;

/** MPLS unicast in PPP, RFC 3032 §4. */
export const PPP_MPLS = 0x281;

export const GENEVE_PORT = 6081;
