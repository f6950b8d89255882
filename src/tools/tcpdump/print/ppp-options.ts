/** Configuration options of PPP's control protocols (print-ppp.c), RFC 1661, 1332, 5072, 1962, 2125. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {ip4Text, macText, padHex} from './fields.js';
import {type Names, ouiNames} from './names.js';
import {pppNames} from './ppp-names.js';

/** Prints the option at `o` of at most `length` bytes: its length, 0 to end the list. */
type OptionPrinter = (d: Dissector, o: number, length: number) => number;

/**
 * What an option's body comes to: `shown`, its text; `bytes`, none but its bytes; a number, what the printer returns at
 * once: the text says that the length is wrong.
 */
type Body = 'shown' | 'bytes' | number;

const lcpNames =
  'Vend-Ext,MRU,ACCM,Auth-Prot,Qual-Prot,Magic-Num,deprecated(6),PFC,ACFC,FCS-Alt,SDP,Num-Mode,deprecated(12),Call-Back,' +
  'deprecated(14),deprecated(15),deprecated(16),MRRU,12-Bit seq #,End-Disc,Proprietary,DCE-Id,MP+,Link-Disc,LCP-Auth-Opt,' +
  'COBS,Prefix-elision,Multilink-header-Form,I18N,SDL-over-SONET/SDH,PPP-Muxing';
const lcpOptions = lcpNames.split(',');
const ipcpOptions: Names = {
  1: 'IP-Addrs',
  2: 'IP-Comp',
  3: 'IP-Addr',
  4: 'Home-Addr',
  129: 'Pri-DNS',
  130: 'Pri-NBNS',
  131: 'Sec-DNS',
  132: 'Sec-NBNS',
};
const ccpOptions: Names = {
  0: 'OUI',
  1: 'Pred-1',
  2: 'Pred-2',
  3: 'Puddle',
  16: 'HP-PPC',
  17: 'Stac-LZS',
  18: 'MPPC',
  19: 'Gand-FZA',
  20: 'V.42bis',
  21: 'BSD-Comp',
  23: 'LZS-DCP',
  24: 'MVRCA',
  25: 'DEC',
  26: 'Deflate',
  255: 'Reserved',
};
const chapAlgorithms: Names = {5: 'MD5', 128: 'MS-CHAPv1', 129: 'MS-CHAPv2'};
const callbacks: Names = {0: 'UserAuth', 1: 'DialString', 2: 'LocalID', 3: 'E.164', 4: 'X.500', 6: 'CBCP'};
const silentAuthentications: ReadonlySet<number> = new Set([0xc023, 0xc227, 0xc027, 0xc123]);
const discriminators: Names = {0: 'Null', 1: 'Local', 4: 'Magic-Num-Block', 5: 'PSNDN'};
const VAN_JACOBSON = 0x2d;
const HEADER_COMPRESSION = 0x61;
const HEADER_COMPRESSION_LENGTH = 14;

/** `\n\t  NAME Option (0x01), length 4`, the body by `body`, from -vv on the bytes. */
function printer(
  protocol: string,
  names: Names,
  unknown: string,
  body: (d: Dissector, o: number, option: number, length: number) => Body,
): OptionPrinter {
  return (d, o, length) => {
    if (length < 2) return 0;
    if (!d.has(o, 2)) {
      d.s(`[|${protocol}]`);
      return 0;
    }
    const option = d.u8(o);
    const size = d.u8(o + 1);
    if (length < size) return 0;
    d.s(`\n\t  ${names[option] ?? unknown} Option (0x${padHex(option, 2)}), length ${size}`);
    if (size < 2) {
      d.s(' (length bogus, should be >= 2)');
      return 0;
    }
    return finish(d, o, size, body(d, o, option, size));
  };
}

function finish(d: Dissector, o: number, size: number, body: Body): number {
  if (typeof body === 'number') return body;
  if (body === 'bytes' || d.v > 1) unknownData(d, '\n\t    ', o + 2, size - 2);
  return size;
}

/** Says that the length should be `wanted`; `result` is what the list goes on with. */
function bogus(d: Dissector, wanted: string, result: number): number {
  d.s(` (length bogus, should be ${wanted})`);
  return result;
}

/** Options of LCP beyond the last known have a line of their own kind. */
function lcp(d: Dissector, o: number, length: number): number {
  if (length < 2) return 0;
  if (!d.has(o, 2)) {
    d.s('[|lcp]');
    return 0;
  }
  const option = d.u8(o);
  const size = d.u8(o + 1);
  if (length < size) return 0;
  const name = lcpOptions[option];
  if (name === undefined) {
    d.s(`\n\tunknown LCP option 0x${padHex(option, 2)}`);
    return size < 2 ? 0 : size;
  }
  d.s(`\n\t  ${name} Option (0x${padHex(option, 2)}), length ${size}`);
  if (size < 2) return bogus(d, '>= 2', 0);
  return finish(d, o, size, lcpBody(d, o, option, size));
}

function lcpBody(d: Dissector, o: number, option: number, size: number): Body {
  const at = o + 2;
  switch (option) {
    case 0: {
      if (size < 6) return bogus(d, '>= 6', size);
      const oui = d.u24(at);
      d.s(`: Vendor: ${ouiNames[oui] ?? 'Unknown'} (${oui})`);
      return 'shown';
    }
    case 1:
    case 17:
      if (size !== 4) return bogus(d, '= 4', option === 1 ? size : 0);
      d.s(`: ${d.u16(at)}`);
      return 'shown';
    case 2:
    case 5:
      if (size !== 6) return bogus(d, '= 6', option === 2 ? size : 0);
      d.s(`: 0x${padHex(d.u32(at), 8)}`);
      return 'shown';
    case 3:
      return authentication(d, o, size);
    case 4:
      if (size < 4) return bogus(d, '>= 4', 0);
      d.s(d.u16(at) === 0xc025 ? ': LQR' : ': unknown');
      return 'shown';
    case 7:
    case 8:
      return 'shown';
    case 13: {
      if (size < 3) return bogus(d, '>= 3', 0);
      d.s(': ');
      const operation = d.u8(at);
      d.s(`: Callback Operation ${callbacks[operation] ?? 'Unknown'} (${operation})`);
      return 'shown';
    }
    case 19:
      return endpoint(d, o, size);
    case 23:
      if (size !== 4) return bogus(d, '= 4', 0);
      d.s(`: 0x${padHex(d.u16(at), 4)}`);
      return 'shown';
    default:
      return 'bytes';
  }
}

function authentication(d: Dissector, o: number, size: number): Body {
  if (size < 4) return bogus(d, '>= 4', size);
  const protocol = d.u16(o + 2);
  d.s(`: ${pppNames[protocol] ?? 'Unknown Auth Proto (0x04x)'}`);
  if (protocol === 0xc223) {
    const algorithm = d.u8(o + 4);
    d.s(`, ${chapAlgorithms[algorithm] ?? `Unknown Auth Alg ${algorithm}`}`);
  } else if (!silentAuthentications.has(protocol)) unknownData(d, '\n\t', o, size);
  return 'shown';
}

/** Endpoint discriminator, RFC 1990 §5.1.3. */
function endpoint(d: Dissector, o: number, size: number): Body {
  if (size < 3) return bogus(d, '>= 3', 0);
  const kind = d.u8(o + 2);
  if (kind === 2) {
    if (size !== 7) return bogus(d, '= 7', 0);
    d.s(`: IPv4 ${ip4Text(d, o + 3)}`);
  } else if (kind === 3) {
    if (size !== 9) return bogus(d, '= 9', 0);
    d.s(`: MAC ${macText(d, o + 3)}`);
  } else d.s(`: ${discriminators[kind] ?? `Unknown class ${kind}`}`);
  return 'shown';
}

function ipcpBody(d: Dissector, o: number, option: number, size: number): Body {
  if (option === 1) {
    if (size !== 10) return bogus(d, '= 10', size);
    d.s(`: src ${ip4Text(d, o + 2)}, dst ${ip4Text(d, o + 6)}`);
    return 'shown';
  }
  if (option === 2) return compression(d, o, size);
  if (ipcpOptions[option] === undefined) return 'bytes';
  if (size !== 6) return bogus(d, '= 6', 0);
  d.s(`: ${ip4Text(d, o + 2)}`);
  return 'shown';
}

/** IP header compression, RFC 3544; with suboptions, -vv shows what is behind those that were read. */
function compression(d: Dissector, o: number, size: number): Body {
  if (size < 4) return bogus(d, '>= 4', 0);
  const protocol = d.u16(o + 2);
  const name =
    protocol === VAN_JACOBSON ? 'VJ-Comp' : protocol === HEADER_COMPRESSION ? 'IP Header Compression' : 'Unknown';
  d.s(`: ${name} (0x${padHex(protocol, 2)}):`);
  if (protocol !== HEADER_COMPRESSION) return 'shown';
  if (size < HEADER_COMPRESSION_LENGTH) return bogus(d, `>= ${HEADER_COMPRESSION_LENGTH}`, 0);
  if (!d.has(o + 2, HEADER_COMPRESSION_LENGTH)) {
    d.s('[|ipcp]');
    return 0;
  }
  d.s(`\n\t    TCP Space ${d.u16(o + 4)}, non-TCP Space ${d.u16(o + 6)}`);
  d.s(`, maxPeriod ${d.u16(o + 8)}, maxTime ${d.u16(o + 10)}, maxHdr ${d.u16(o + 12)}`);
  if (size === HEADER_COMPRESSION_LENGTH) return 'shown';
  const at = suboptions(d, o + HEADER_COMPRESSION_LENGTH, size - HEADER_COMPRESSION_LENGTH);
  if (at < 0) {
    d.s('[|ipcp]');
    return 0;
  }
  if (d.v > 1) unknownData(d, '\n\t    ', at + 2, size - 2);
  return size;
}

/** Where the list ended, -1 when it is cut. */
function suboptions(d: Dissector, start: number, length: number): number {
  let o = start;
  d.s(`\n\t      Suboptions, length ${length}`);
  for (let left = length; left >= 2; ) {
    if (!d.has(o, 2)) return -1;
    const kind = d.u8(o);
    const size = d.u8(o + 1);
    if (kind === 0 || size === 0) break;
    const name = kind === 1 ? 'RTP-Compression' : kind === 2 ? 'Enhanced RTP-Compression' : 'Unknown';
    d.s(`\n\t\t${name} Suboption #${kind}, length ${size}`);
    if (left < size) {
      d.s(` [remaining suboptions length ${left} < ${size}]`);
      d.invalid();
      break;
    }
    left -= size;
    o += size;
  }
  return o;
}

function ip6cpBody(d: Dissector, o: number, option: number, size: number): Body {
  if (option !== 1) return 'bytes';
  if (size !== 10) return bogus(d, '= 10', size);
  if (!d.has(o + 2, 8)) {
    d.s('[|ip6cp]');
    return 0;
  }
  d.s(`: ${[2, 4, 6, 8].map((i) => padHex(d.u16(o + i), 4)).join(':')}`);
  return 'shown';
}

function ccpBody(d: Dissector, o: number, option: number, size: number): Body {
  if (option === 21) {
    if (size < 3) return bogus(d, '>= 3', size);
    d.s(`: Version: ${d.u8(o + 2) >> 5}, Dictionary Bits: ${d.u8(o + 2) & 0x1f}`);
    return 'shown';
  }
  if (option !== 24 && option !== 26) return 'bytes';
  if (size < 4) return bogus(d, '>= 4', size);
  const first = d.u8(o + 2);
  const second = d.u8(o + 3);
  if (option === 24) {
    d.s(`: Features: ${first >> 6}, PxP: ${(first & 0x20) !== 0 ? 'Enabled' : 'Disabled'}`);
    d.s(`, History: ${first & 0x1f}, #CTX-ID: ${second}`);
  } else {
    d.s(
      `: Window: ${first >> 4}K, Method: ${(first & 15) === 8 ? 'zlib' : 'unknown'} (0x${(first & 15).toString(16)})`,
    );
    d.s(`, MBZ: ${second >> 2}, CHK: ${second & 3}`);
  }
  return 'shown';
}

function bacpBody(d: Dissector, o: number, option: number, size: number): Body {
  if (option !== 1) return 'bytes';
  if (size !== 6) return bogus(d, '= 6', size);
  d.s(`: Magic-Num 0x${padHex(d.u32(o + 2), 8)}`);
  return 'shown';
}

/** By PPP protocol number. */
export const configurationOptions: Readonly<Record<number, OptionPrinter>> = {
  49185: lcp,
  32801: printer('ipcp', ipcpOptions, 'unknown', ipcpBody),
  32855: printer('ip6cp', {1: 'Interface-ID'}, 'unknown', ip6cpBody),
  33021: printer('ccp', ccpOptions, 'Unknown', ccpBody),
  49195: printer('bacp', {1: 'Favored-Peer'}, 'Unknown', bacpBody),
};
