/** PPP control protocols: LCP, IPCP, IPv6CP, CCP, BACP (print-ppp.c). The body of a packet is printed from -v on. */
import type {Dissector} from './dissector.js';
import {unknownData} from './dump.js';
import {padHex} from './fields.js';
import {ouiNames} from './names.js';
import {pppNames} from './ppp-names.js';
import {configurationOptions} from './ppp-options.js';

const codes = [
  'Vendor-Extension',
  'Conf-Request',
  'Conf-Ack',
  'Conf-Nack',
  'Conf-Reject',
  'Term-Request',
  'Term-Ack',
  'Code-Reject',
  'Prot-Reject',
  'Echo-Request',
  'Echo-Reply',
  'Disc-Req',
  'Ident',
  'Time-Rem',
  'Reset-Req',
  'Reset-Ack',
] as const;

/** A packet of `length` bytes behind the protocol field. */
export function controlProtocol(d: Dissector, protocol: number, name: string, o: number, length: number): void {
  d.s(`${name}, `);
  if (length < 4 || !d.has(o, 2)) return d.s(`[|${name}]`);
  const code = d.u8(o);
  d.s(`${codes[code] ?? 'Unknown Opcode'} (0x${padHex(code, 2)}), id ${d.u8(o + 1)}, length ${length + 2}`);
  if (d.v === 0) return;
  const stated = d.u16(o + 2);
  if (stated < 4) return d.s(`\n\tencoded length ${stated} (< 4))`);
  if (stated > length) return d.s(`\n\tencoded length ${stated} (> packet length ${length}))`);
  d.s(`\n\tencoded length ${stated} (=Option(s) length ${stated - 4})`);
  if (stated === 4) return;
  if (d.v > 1) unknownData(d, '\n\t', o - 2, 6);
  if (code >= 1 && code <= 4) options(d, protocol, o + 4, stated);
  else if (!body(d, code, o, stated)) d.s(`[|${name}]`);
}

function options(d: Dissector, protocol: number, start: number, stated: number): void {
  const print = configurationOptions[protocol];
  if (print === undefined) return;
  let o = start;
  for (let left = stated - 4; left !== 0; ) {
    const used = print(d, o, stated);
    if (used === 0) return;
    if (left < used) {
      d.s(` [remaining options length ${left} < ${used}]`);
      return d.invalid();
    }
    left -= used;
    o += used;
  }
}

/** False when the capture ends inside. */
function body(d: Dissector, code: number, o: number, length: number): boolean {
  const at = o + 4;
  switch (code) {
    case 0: {
      if (length < 11) return true;
      magic(d, at);
      const oui = d.u24(at + 4);
      d.s(` Vendor: ${ouiNames[oui] ?? 'Unknown'} (${oui})`);
      return true;
    }
    case 5:
    case 6:
    case 7:
      return true;
    case 8: {
      if (length < 6) return true;
      const rejected = d.u16(at);
      d.s(`\n\t  Rejected ${pppNames[rejected] ?? 'unknown'} Protocol (0x${padHex(rejected, 4)})`);
      if (length > 6) {
        d.s('\n\t  Rejected Packet');
        unknownData(d, '\n\t    ', at + 2, length - 2);
      }
      return true;
    }
    case 9:
    case 10:
    case 11:
      if (length < 8) return true;
      magic(d, at);
      if (length > 8) {
        d.s('\n\t  -----trailing data-----');
        if (!d.has(at + 4, length - 8)) return false;
        unknownData(d, '\n\t  ', at + 4, length - 8);
      }
      return true;
    case 12:
      if (length < 8) return true;
      magic(d, at);
      if (length === 8) return true;
      d.s('\n\t  Message\n\t    ');
      return d.text(at + 4, length - 4);
    case 13:
      if (length < 12) return true;
      magic(d, at);
      d.s(`, Seconds-Remaining ${d.u32(at + 4)}s`);
      return true;
    default:
      if (d.v <= 1) unknownData(d, '\n\t  ', o - 2, length + 2);
      return true;
  }
}

function magic(d: Dissector, o: number): void {
  d.s(`\n\t  Magic-Num 0x${padHex(d.u32(o), 8)}`);
}
