/** HSRP version 0 on the wire, RFC 2281 (print-hsrp.c). */
import type {Dissector} from './dissector.js';
import {duration} from './duration.js';
import {ip4Text, paddedText} from './fields.js';
import type {Names} from './names.js';

const operations = ['hello', 'coup', 'resign'] as const;
const states: Names = {0: 'initial', 1: 'learn', 2: 'listen', 4: 'speak', 8: 'standby', 16: 'active'};

export function hsrp(d: Dissector, o: number, length: number): void {
  d.protocol = 'hsrp';
  const version = d.u8(o);
  d.s(`HSRPv${version}`);
  if (version !== 0) return;
  d.c(0x2d);
  const operation = d.u8(o + 1);
  d.s(`${operations[operation] ?? `unknown (${operation})`} ${length}: `);
  const state = d.u8(o + 2);
  d.s(`state=${states[state] ?? `Unknown (${state})`} `);
  d.s(`group=${d.u8(o + 6)} `);
  const reserved = d.u8(o + 7);
  if (reserved !== 0) d.s(`[reserved=${reserved}!] `);
  d.s(`addr=${ip4Text(d, o + 16)}`);
  if (d.v === 0) return;
  d.s(` hellotime=${duration(d.u8(o + 3))} holdtime=${duration(d.u8(o + 4))} priority=${d.u8(o + 5)} auth="`);
  paddedText(d, o + 8, 8);
  d.c(0x22);
}
