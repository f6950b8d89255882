/** Line-oriented protocols over TCP: HTTP, SMTP, FTP, RTSP, whois, SSH (util-print.c `txtproto_print`, print-http.c and others). */
import type {Dissector} from './dissector.js';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const MAX_TOKEN = 128;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const httpMethods = words(
  'GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY ' +
    'BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT ' +
    'MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL',
);
const rtspMethods = words(
  'DESCRIBE ANNOUNCE GET_PARAMETER OPTIONS PAUSE PLAY RECORD REDIRECT SETUP SET_PARAMETER TEARDOWN',
);

const sipMethods = words(
  'ACK BYE CANCEL DO INFO INVITE MESSAGE NOTIFY OPTIONS PRACK QAUTH REFER REGISTER SPRACK SUBSCRIBE UPDATE PUBLISH',
);

/** `undefined` methods: every payload is text of the protocol. */
function lines(
  d: Dissector,
  protocol: string,
  o: number,
  length: number,
  methods: ReadonlySet<string> | undefined,
  codeIsSecond: boolean,
): void {
  d.protocol = protocol;
  d.s(protocol.toUpperCase());
  if (methods !== undefined && !recognised(d, o, length, methods, codeIsSecond)) return;
  if (d.v === 0) {
    line(d, ': ', o, 0, length);
    return;
  }
  d.s(`, length: ${length}`);
  for (let i = 0; i < length; ) {
    i = line(d, '\n\t', o, i, length);
    if (i === 0) return;
  }
}

/** Does the payload begin with a method, or carry a three-digit status where the protocol puts it? */
function recognised(
  d: Dissector,
  o: number,
  length: number,
  methods: ReadonlySet<string>,
  codeIsSecond: boolean,
): boolean {
  let next = token(d, o, 0, length);
  if (next === 0) return false;
  const found = methods.has(tokenText.toUpperCase());
  if (codeIsSecond) next = token(d, o, next, length);
  return found || (next !== 0 && /^[0-9]{3}$/.test(tokenText));
}

let tokenText = '';

/** Reads a word into `tokenText`; index of the next one, 0 when there is none. */
function token(d: Dissector, o: number, from: number, length: number): number {
  let i = from;
  let text = '';
  for (; i < length; i++) {
    if (!d.has(o + i, 1)) return 0;
    const c = d.b[o + i]!;
    if (c === 0x20 || c === TAB || c === CR || c === LF) break;
    if (c < 0x20 || c >= 0x7f || text.length + 2 > MAX_TOKEN + 1) return 0;
    text += String.fromCharCode(c);
  }
  if (text === '') return 0;
  tokenText = text;
  while (i < length && d.has(o + i, 1) && d.b[o + i] === 0x20) i++;
  return i;
}

/** Prints a line up to its end; index of the next one, 0 when it is not text or the last. A line without an end is marked. */
function line(d: Dissector, prefix: string, o: number, from: number, length: number): number {
  let i = from;
  let next = 0;
  for (; i < length; i++) {
    const c = d.u8(o + i);
    if (c === LF) {
      next = i + 1;
      break;
    }
    if (c === CR) {
      if (i + 1 >= length || d.u8(o + i + 1) !== LF) return 0;
      next = i + 2;
      break;
    }
    if ((c < 0x20 || c >= 0x7f) && c !== TAB) return 0;
  }
  d.s(prefix);
  for (let k = from; k < i; k++) d.c(d.b[o + k]!);
  if (next === 0) d.trunc();
  return next;
}

export function http(d: Dissector, o: number, length: number): void {
  d.s(': ');
  lines(d, 'http', o, length, httpMethods, true);
}

/** Printers with the separator their port's row prints first. */
export const textProtocols = {
  smtp(d: Dissector, o: number, length: number): void {
    d.s(': ');
    lines(d, 'smtp', o, length, undefined, false);
  },
  whois(d: Dissector, o: number, length: number): void {
    d.s(': ');
    lines(d, 'whois', o, length, undefined, false);
  },
  ftp(d: Dissector, o: number, length: number): void {
    d.s(': ');
    lines(d, 'ftp', o, length, undefined, false);
  },
  rtsp(d: Dissector, o: number, length: number): void {
    d.s(': ');
    lines(d, 'rtsp', o, length, rtspMethods, true);
  },
  sip(d: Dissector, o: number, length: number): void {
    lines(d, 'sip', o, length, sipMethods, true);
  },
  ssh,
} as const;

/** The first line, if it is a whole line of text that starts with `SSH-`. */
function ssh(d: Dissector, o: number, length: number): void {
  d.protocol = 'ssh';
  for (let i = 0; i < 4; i++) if (d.u8(o + i) !== 'SSH-'.charCodeAt(i)) return;
  let i = 4;
  for (; i < length; i++) {
    const c = d.u8(o + i);
    if (c === LF || (c === CR && i + 1 < length && d.u8(o + i + 1) === LF)) break;
    if (c < 0x20 || c >= 0x7f) return;
  }
  if (i >= length) return;
  d.s(': SSH: ');
  for (let k = 0; k < i; k++) d.c(d.b[o + k]!);
}
