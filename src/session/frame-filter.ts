/** pcap-filter expressions for our own commands. */
import {compileFilter} from '../filter/compile.js';
import {FilterError} from '../filter/error.js';
import {predicate} from '../filter/predicate.js';
import {UserError} from '../term/error.js';

const SNAPLEN = 262_144;

/** Whether a frame passes; `option` is what the error calls the expression. */
export function frameFilter(text: string, linktype: number, option: string): (bytes: Uint8Array) => boolean {
  try {
    const test = predicate(compileFilter(text, {linktype, snaplen: SNAPLEN, optimize: true, savefile: false}));
    return (bytes) => test(bytes, 0, bytes.length, bytes.length);
  } catch (error) {
    if (error instanceof FilterError) throw new UserError({message: `${option}: ${error.message}`});
    throw error;
  }
}
