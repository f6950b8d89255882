/** A request as curl writes it, and a response as it reads one. RFC 9112. */
import type {CurlOptions} from './argv.js';
import {CurlExit} from './argv.js';

export interface Url {
  /** As given, `http://` in front where no scheme was. */
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly isDefaultPort: boolean;
  /** https: reached, never spoken to. */
  readonly isSecure: boolean;
  readonly target: string;
}

const BAD = 'URL using bad/illegal format or missing URL';

export function parseUrl(text: string): Url {
  const [, scheme = 'http', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?([\s\S]*)$/.exec(text) ?? [];
  const name = scheme.toLowerCase();
  if (name !== 'http' && name !== 'https')
    throw new CurlExit(`Protocol ${JSON.stringify(scheme)} not supported or disabled in libcurl`, 1);
  const match = /^(?:[^/?#@]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:[\]\s]+)(?::(\d*))?([/?][^#\s]*)?(?:#.*)?$/.exec(rest);
  const [, host = '', digits = '', path = ''] = match ?? [];
  const usual = name === 'https' ? 443 : 80;
  const port = digits === '' ? usual : Number(digits);
  if (!match || port > 65535 || (port === 0 && digits !== '')) throw new CurlExit(BAD, 3);
  const target = path.startsWith('/') ? path : `/${path}`;
  return {
    text: `${name}://${host}${digits === '' ? '' : `:${digits}`}${target}`,
    host,
    port,
    isDefaultPort: port === usual,
    isSecure: name === 'https',
    target,
  };
}

export function requestHead({target, host, port, isDefaultPort}: Url, options: CurlOptions): string {
  const method = options.method ?? (options.head ? 'HEAD' : options.body === undefined ? 'GET' : 'POST');
  const fields: [name: string, value: string][] = [
    ['Host', isDefaultPort ? host : `${host}:${port}`],
    ...optional('Authorization', options.user && `Basic ${base64(options.user)}`),
    ['User-Agent', options.userAgent ?? 'curl/7.88.1'],
    ...(options.json ? [] : optional('Accept', '*/*')),
    ...optional('Accept-Encoding', options.compressed ? 'deflate, gzip, br, zstd' : undefined),
    ...optional('Referer', options.referer),
    ...optional('Cookie', options.cookie),
  ];
  const {body} = options;
  if (body !== undefined)
    fields.push(
      ['Content-Length', String(new TextEncoder().encode(body).length)],
      ...(options.json ? [] : optional('Content-Type', 'application/x-www-form-urlencoded')),
    );
  // --json is two fields of one's own, where they are not given
  const names = new Set(options.headers.map((line) => line.replace(/[:;].*/s, '').toLowerCase()));
  const json = options.json ? ['Content-Type: application/json', 'Accept: application/json'] : [];
  const more = json.filter((line) => !names.has(line.replace(/:.*/, '').toLowerCase()));
  const own = [...options.headers, ...more].map(ownField);
  const replaced = new Set(own.map(({name}) => name));
  const lines = fields
    .map(([name, value]) => ({name: name.toLowerCase(), line: `${name}: ${value}`}))
    .map((field) => (field.name === 'host' ? (own.find(({name, line}) => name === 'host' && line) ?? field) : field))
    .filter(({name}) => name === 'host' || !replaced.has(name))
    .map(({line}) => line ?? '');
  for (const {name, line} of own) if (line !== undefined && name !== 'host') lines.push(line);
  // Content-Length and Content-Type come behind one's own fields
  const tail = lines.filter(
    (line) => /^content-(length|type):/i.test(line) && !replaced.has(line.split(':')[0]!.toLowerCase()),
  );
  const order = [...lines.filter((line) => !tail.includes(line)), ...tail];
  return `${method} ${target} HTTP/1.1\r\n${order.join('\r\n')}\r\n\r\n`;
}

/** `Name: value` as it stands, `Name;` for an empty value; `Name:` takes a field away. */
function ownField(text: string): {readonly name: string; readonly line?: string} {
  const at = text.search(/[:;]/);
  if (at < 0) return {name: ''};
  const name = text.slice(0, at).toLowerCase();
  if (text[at] === ';') return {name, line: `${text.slice(0, at)}:`};
  return text.slice(at + 1).trim() === '' ? {name} : {name, line: text};
}

function optional(name: string, value: string | undefined): [string, string][] {
  return value === undefined || value === '' ? [] : [[name, value]];
}

/** RFC 4648 §4, of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

export interface ResponseHead {
  readonly lines: readonly string[];
  readonly status: number;
  /** Bytes of the head, its empty line included. */
  readonly end: number;
  /** Of the body; undefined: until the connection closes. */
  readonly length: number | undefined;
  /** Content-Length, whether or not a body comes. */
  readonly stated: number;
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
    stated: Number(length ?? 0),
    contentType: field('content-type') ?? '',
  };
}
