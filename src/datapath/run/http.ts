/** HTTP/1.1 as curl asks and a small server answers. RFC 9112. */
import {formatIpPort, type Ip} from '../../wire/addr.js';
import {healthChecked, healthResponse} from './health-check.js';
import type {Ns} from './state.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What curl sends for `http://HOST[:PORT]/`; `size` asks for a body of that many bytes. */
export function httpRequest(host: string, ip: Ip, port: number, size: number | undefined): Uint8Array {
  const authority = host !== '' ? (port === 80 ? host : `${host}:${port}`) : hostOf(ip, port);
  const path = size === undefined ? '/' : `/?size=${size}`;
  return encoder.encode(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n`);
}

function hostOf(ip: Ip, port: number): string {
  const text = formatIpPort(ip, port);
  return port === 80 ? text.slice(0, -':80'.length) : text;
}

const METHODS = ['GET ', 'HEAD ', 'POST ', 'PUT ', 'DELETE ', 'OPTIONS ', 'PATCH '].map((word) => encoder.encode(word));

/** Does it begin like a request? */
export function isRequest(bytes: Uint8Array): boolean {
  return METHODS.some((method) => method.every((byte, i) => bytes[i] === byte));
}

/** Length of the request in front of `bytes`, body included; -1 while something of it is missing. */
export function requestEnd(bytes: Uint8Array): number {
  const text = decoder.decode(bytes);
  const at = text.indexOf('\r\n\r\n');
  if (at < 0) return -1;
  const end = at + 4 + Number(/^content-length: *(\d{1,9})/im.exec(text.slice(0, at))?.[1] ?? 0);
  return end > bytes.length ? -1 : end;
}

/** 200 with a body that names who answers, filled to the size that the request asks for. */
export function httpResponse(ns: Ns, port: number, request: Uint8Array): Uint8Array {
  const text = decoder.decode(request);
  const date = httpDate(ns.run.cluster.epoch + Math.floor(ns.run.now / 1e9));
  const checked = healthChecked(ns, port);
  if (checked) return encoder.encode(healthResponse(ns, checked, date));
  const asked = /^[A-Z]+ [^ ]*[?&]size=(\d{1,8})/.exec(text)?.[1];
  const where = ns.node && ns.kind === 'pod' ? ` on ${ns.node.name}` : '';
  const hello = `Hello from ${ns.name}${where}\n`;
  const body =
    asked === undefined ? hello : hello.repeat(Math.ceil(Number(asked) / hello.length)).slice(0, Number(asked));
  const head = `HTTP/1.1 200 OK\r\nDate: ${date}\r\nContent-Length: ${body.length}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
  return encoder.encode(text.startsWith('HEAD ') ? head : head + body);
}

/** RFC 9110 §5.6.7. */
function httpDate(seconds: number): string {
  const d = new Date(seconds * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${DAYS[d.getUTCDay()]}, ${two(d.getUTCDate())} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  return `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} GMT`;
}

/** Ports whose servers speak TLS and say so to plain HTTP (Go net/http). */
export function isTlsPort(port: number): boolean {
  return port === 443 || port === 6443 || port === 10250;
}

export const tlsRefusal = encoder.encode(
  'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
);

export interface HttpStatus {
  readonly line: string;
  /** Bytes of header and body; undefined: until the connection closes. */
  readonly length: number | undefined;
}

/** The status line and size of a response, once its header is complete. */
export function responseStatus(bytes: Uint8Array): HttpStatus | undefined {
  const text = decoder.decode(bytes);
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /^content-length: *(\d+)/im.exec(text.slice(0, end))?.[1];
  return {
    line: text.slice(0, text.indexOf('\r\n')),
    length: length === undefined ? undefined : end + 4 + Number(length),
  };
}
