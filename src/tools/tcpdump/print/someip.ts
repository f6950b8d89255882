/** SOME/IP (print-someip.c): service(2) method(2) length(4) client(2) session(2) versions(2) type(1) return code(1). */
import type {Dissector} from './dissector.js';
import type {Names} from './names.js';

const HEADER = 16;
const types: Names = {
  0: 'REQUEST',
  1: 'REQUEST_NO_RETURN',
  2: 'NOTIFICATION',
  32: 'TP_REQUEST',
  33: 'TP_REQUEST_NO_RETURN',
  34: 'TP_NOTIFICATION',
  128: 'RESPONSE',
  129: 'ERROR',
  160: 'TP_RESPONSE',
  161: 'TP_ERROR',
};
const codes = (
  'E_OK E_NOT_OK E_UNKNOWN_SERVICE E_UNKNOWN_METHOD E_NOT_READY E_NOT_REACHABLE E_TIMEOUT E_WRONG_PROTOCOL_VERSION ' +
  'E_WRONG_INTERFACE_VERSION E_MALFORMED_MESSAGE E_WRONG_MESSAGE_TYPE E_E2E_REPEATED E_E2E_WRONG_SEQUENCE E_E2E ' +
  'E_E2E_NOT_AVAILABLE E_E2E_NO_NEW_DATA'
).split(' ');

export function someip(d: Dissector, o: number, length: number): void {
  d.protocol = 'someip';
  d.s('SOMEIP');
  if (length < HEADER) return d.invalid();
  const id = d.u32(o);
  d.s(`, service ${id >>> 16}, ${(id & 0x8000) !== 0 ? 'event' : 'method'} ${id & 0x7fff}`);
  d.s(`, len ${d.u32(o + 4)}`);
  const request = d.u32(o + 8);
  d.s(`, client ${request >>> 16}, session ${request & 0xffff}`);
  d.s(`, pver ${d.u8(o + 12)}`);
  d.s(`, iver ${d.u8(o + 13)}`);
  d.s(`, msgtype ${types[d.u8(o + 14)] ?? 'Unknown'}`);
  d.s(`, retcode ${codes[d.u8(o + 15)] ?? 'Unknown'}\n`);
}
