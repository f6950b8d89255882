/** A request as curl writes it, and a response as it reads one. RFC 9112. */
import type {CurlOptions} from './argv.js';
import {CurlExit} from './argv.js';

export interface Url {
  /** As given, `http://` in front where no scheme was. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly isDefaultPort: boolean;
  readonly target: string;
}

const BAD = 'URL using bad/illegal format or missing URL';

export function parseUrl(text: string): Url {
  const [, scheme = 'http', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([\s\S]*)$/.exec(text) ?? [];
  if (scheme.toLowerCase() === 'https') throw new CurlExit('https: there is no TLS in this simulation, only http', 2);
  if (scheme.toLowerCase() !== 'http')
    throw new CurlExit(`Protocol ${JSON.stringify(scheme)} not supported or disabled in libcurl`, 1);
  const match = /^(?:[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:[\]\s]+)(?::(\d*))?([/?][^#\s]*)?(?:#.*)?$/.exec(rest);
  const [, host = '', digits = '', path = ''] = match ?? [];
  const port = digits === '' ? 80 : Number(digits);
  if (!match || port > 65535 || (port === 0 && digits !== '')) throw new CurlExit(BAD, 3);
  const target = path.startsWith('/') ? path : `/${path}`;
  return {
    text: `http://${host}${digits === '' ? '' : `:${digits}`}${target}`,
    host,
    port,
    isDefaultPort: port === 80,
    target,
  };
}

export function requestHead({target, host, port, isDefaultPort}: Url, options: CurlOptions): string {
  const method = options.method ?? (options.head ? 'HEAD' : options.body === undefined ? 'GET' : 'POST');
  const fields: [name: string, value: string][] = [
    ['Host', isDefaultPort ? host : `${host}:${port}`],
    ['User-Agent', options.userAgent ?? 'curl/7.88.1'],
    ['Accept', '*/*'],
  ];
  const {body} = options;
  if (body !== undefined)
    fields.push(
      ['Content-Length', String(new TextEncoder().encode(body).length)],
      ['Content-Type', 'application/x-www-form-urlencoded'],
    );
  const own = options.headers.map((line): [string, string | undefined] => {
    const at = line.search(/[:;]/);
    if (at < 0) return ['', undefined];
    const value = line.slice(at + 1).trim();
    return [line.slice(0, at), line[at] === ';' ? '' : value === '' ? undefined : value];
  });
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  const host0 = own.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const lines = fields
    .filter(([name]) => name === 'Host' || !replaced.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${name === 'Host' && host0 !== undefined ? host0 : value}`);
  for (const [name, value] of own)
    if (value !== undefined && name.toLowerCase() !== 'host')
      lines.push(value === '' ? `${name}:` : `${name}: ${value}`);
  // Content-Length and Content-Type come behind one's own fields
  const tail = lines.filter(
    (line) => /^content-(length|type):/i.test(line) && !replaced.has(line.split(':')[0]!.toLowerCase()),
  );
  const order = [...lines.filter((line) => !tail.includes(line)), ...tail];
  return `${method} ${target} HTTP/1.1\r\n${order.join('\r\n')}\r\n\r\n`;
}

export interface ResponseHead {
  readonly lines: readonly string[];
  readonly status: number;
  /** Bytes of the head, its empty line included. */
  readonly end: number;
  /** Of the body; undefined: until the connection closes. */
  readonly length: number | undefined;
  readonly contentType: string;
}

const decoder = new TextDecoder('latin1');

/** Undefined while it is incomplete; throws where it is no HTTP/1 response. */
export function parseResponse(bytes: Uint8Array, isHead: boolean): ResponseHead | undefined {
  const text = decoder.decode(bytes.subarray(0, 65536));
  if (!text.startsWith('HTTP/'.slice(0, text.length))) throw new CurlExit('Received HTTP/0.9 when not allowed', 1);
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const lines = text.slice(0, end).split('\r\n');
  const status = Number(/^HTTP\/\d\.\d (\d{3})/.exec(lines[0] ?? '')?.[1] ?? 0);
  const field = (name: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const length = field('content-length');
  const none = isHead || status === 204 || status === 304;
  return {
    lines,
    status,
    end: end + 4,
    length: none ? 0 : length === undefined ? undefined : Number(length),
    contentType: field('content-type') ?? '',
  };
}
