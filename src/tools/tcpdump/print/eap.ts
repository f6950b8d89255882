/** EAP, RFC 3748, and EAP over LAN, IEEE 802.1X (print-eap.c). */
import type {Dissector} from './dissector.js';
import {paddedText} from './fields.js';
import {bitNames, hex2, type Names} from './names.js';

const frames = ['EAP packet', 'EAPOL start', 'EAPOL logoff', 'EAPOL key', 'Encapsulated ASF alert'] as const;
const codes = ['unknown', 'Request', 'Response', 'Success', 'Failure'] as const;
const types: Names = {
  0: 'No proposed',
  1: 'Identity',
  2: 'Notification',
  3: 'Nak',
  4: 'MD5-challenge',
  5: 'OTP',
  6: 'GTC',
  13: 'TLS',
  18: 'SIM',
  21: 'TTLS',
  23: 'AKA',
  43: 'FAST',
  254: 'Expanded types',
  255: 'Experimental',
};
const tlsFlags = [
  [0x80, 'L bit'],
  [0x40, 'More fragments bit'],
  [0x20, 'Start bit'],
] as const;
const subscriberTypes: Names = {
  1: 'Challenge',
  2: 'Auth reject',
  4: 'Sync failure',
  5: 'Identity',
  10: 'Start',
  11: 'Challenge',
  12: 'Notification',
  13: 'Reauth',
  14: 'Client error',
};

/** A packet of `length` bytes by what carries it. */
export function eap(d: Dissector, o: number, length: number): void {
  const code = d.u8(o);
  const stated = d.u16(o + 2);
  if (stated !== length) return d.s('EAP fragment?');
  d.s(`${codes[code] ?? 'unknown'} (${code}), id ${d.u8(o + 1)}, len ${stated}`);
  if (stated < 4) return d.s(' (too short for EAP header)');
  if (!d.has(o, stated)) return d.trunc();
  if (code !== 1 && code !== 2) return;
  if (stated < 5) return d.s(' (too short for EAP request/response)');
  const type = d.u8(o + 4);
  d.s(`\n\t\t Type ${types[type] ?? 'unknown'} (${type})`);
  body(d, type, o + 5, stated - 5);
}

function tooShort(d: Dissector, what: string): void {
  d.s(` (too short for EAP ${what})`);
}

function body(d: Dissector, type: number, o: number, n: number): void {
  switch (type) {
    case 1:
      if (n === 0) return;
      d.s(', Identity: ');
      return paddedText(d, o, n);
    case 2:
      if (n === 0) return tooShort(d, 'Notification request/response');
      d.s(', Notification: ');
      return paddedText(d, o, n);
    case 3:
      if (n === 0) return tooShort(d, 'Legacy NAK request/response');
      for (let i = 0; i < n; i++) {
        const wanted = d.u8(o + i);
        d.s(`${i > 0 ? ',' : ''} ${types[wanted] ?? 'unknown'} (${wanted})`);
      }
      return;
    case 13:
      return tls(d, 'TLS/TTLS', '', o, n);
    case 21:
      return tls(d, 'TLS/TTLS', ' TTLSv', o, n);
    case 43:
      return tls(d, 'FAST', ' FASTv', o, n);
    case 18:
    case 23: {
      if (n === 0) return tooShort(d, 'SIM/AKA request/response');
      const subtype = d.u8(o);
      return d.s(` subtype [${subscriberTypes[subtype] ?? 'unknown'}] ${hex2(subtype)}`);
    }
    default:
  }
}

function tls(d: Dissector, name: string, version: string, o: number, n: number): void {
  if (n === 0) return tooShort(d, `${name} request/response`);
  const flags = d.u8(o);
  if (version !== '') d.s(`${version}${flags & 7}`);
  d.s(` flags [${bitNames(tlsFlags, flags, ', ', 'none')}] ${hex2(flags)}`);
  if ((flags & 0x80) === 0) return;
  if (n < 5) return tooShort(d, `${name} request/response with length`);
  d.s(`, len ${d.u32(o + 1)}`);
}

/** version(1) type(1) length(2) body. */
export function eapol(d: Dissector, o: number): void {
  d.protocol = 'eap';
  if (!d.has(o, 4)) return d.trunc();
  const type = d.u8(o + 1);
  const length = d.u16(o + 2);
  d.s(`${frames[type] ?? 'unknown'} (${type}) v${d.u8(o)}, len ${length}`);
  if (d.v === 0 || type !== 0) return;
  if (length === 0) return d.trunc();
  d.s(', ');
  eap(d, o + 4, length);
}
