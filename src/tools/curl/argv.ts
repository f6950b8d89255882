/** curl 7.88.1's command line, as far as a plain HTTP request over the simulated network goes. */

/** Ends the program: the text for stderr, behind `curl: `, and the exit code. */
export class CurlExit extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    readonly isUsage = false,
    /** -s holds it back. */
    readonly isSilent = false,
  ) {
    super(message);
  }
}

export interface CurlOptions {
  readonly urls: readonly string[];
  readonly outputs: readonly string[];
  readonly silent: boolean;
  readonly showError: boolean;
  readonly verbose: boolean;
  readonly include: boolean;
  readonly head: boolean;
  readonly fail: boolean;
  readonly method: string | undefined;
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly writeOut: string | undefined;
  /** s; 0: none. */
  readonly maxTime: number;
  readonly connectTimeout: number;
  readonly family: 4 | 6 | undefined;
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  /** `NAME:PASSWORD` */
  readonly user: string | undefined;
  readonly cookie: string | undefined;
  readonly compressed: boolean;
  /** --json: other defaults of Content-Type and Accept. */
  readonly json: boolean;
  /** -G: the data goes behind the URL's question mark. */
  readonly get: boolean;
  /** -D */
  readonly dumpHeader: string | undefined;
  /** -g: braces and brackets mean themselves. */
  readonly globOff: boolean;
  /** -O: files are called as the URLs end. */
  readonly remoteName: boolean;
  /** `HOST:PORT` → address. */
  readonly resolve: ReadonlyMap<string, string>;
}

export type CurlCommand = {readonly kind: 'run'; readonly options: CurlOptions} | {readonly kind: 'version' | 'help'};

type Kind = 'flag' | 'text' | 'number';

/** One row per option: letter, name, what it takes. */
export const rows: readonly (readonly [letter: string, name: string, kind: Kind])[] = [
  ['s', 'silent', 'flag'],
  ['S', 'show-error', 'flag'],
  ['v', 'verbose', 'flag'],
  ['i', 'include', 'flag'],
  ['I', 'head', 'flag'],
  ['f', 'fail', 'flag'],
  ['G', 'get', 'flag'],
  ['4', 'ipv4', 'flag'],
  ['6', 'ipv6', 'flag'],
  ['q', 'disable', 'flag'],
  ['g', 'globoff', 'flag'],
  ['N', 'no-buffer', 'flag'],
  // nothing here redirects, shows a certificate or speaks another version: these change nothing that could be seen
  ['k', 'insecure', 'flag'],
  ['L', 'location', 'flag'],
  ['', 'http1.1', 'flag'],
  ['', 'max-redirs', 'number'],
  ['', 'compressed', 'flag'],
  ['O', 'remote-name', 'flag'],
  ['V', 'version', 'flag'],
  ['h', 'help', 'flag'],
  ['', 'no-progress-meter', 'flag'],
  ['o', 'output', 'text'],
  ['w', 'write-out', 'text'],
  ['X', 'request', 'text'],
  ['H', 'header', 'text'],
  ['d', 'data', 'text'],
  ['', 'data-raw', 'text'],
  ['', 'data-ascii', 'text'],
  ['', 'data-binary', 'text'],
  ['', 'json', 'text'],
  ['b', 'cookie', 'text'],
  ['D', 'dump-header', 'text'],
  ['e', 'referer', 'text'],
  ['u', 'user', 'text'],
  ['', 'resolve', 'text'],
  ['A', 'user-agent', 'text'],
  ['', 'url', 'text'],
  ['m', 'max-time', 'number'],
  ['', 'connect-timeout', 'number'],
];

/** What the real one takes and this one does not: said so, instead of `is unknown`. */
const known = new Set(
  'a B c C E F j J K l M n p P Q r R t T U x y Y z Z # : anyauth append basic cacert cert config cookie-jar create-dirs data-urlencode digest fail-with-body form http1.0 http2 interface keepalive-time key limit-rate netrc noproxy ntlm output-dir parallel proto proxy range retry retry-delay socks5 speed-limit tcp-nodelay tls-max tlsv1.2 trace trace-ascii trace-time unix-socket upload-file manual'.split(
    ' ',
  ),
);

interface Given {
  readonly texts: Map<string, string[]>;
  /** -d and its relatives, in order. */
  readonly data: {readonly name: string; readonly value: string}[];
  readonly urls: string[];
}

/** `readText`: a file of -d @FILE; undefined where it can't be read. */
export function parseCurl(argv: readonly string[], readText: (path: string) => string | undefined): CurlCommand {
  if (argv.length === 0) throw new CurlExit('', 2, true);
  const given: Given = {texts: new Map(), data: [], urls: []};
  const queue = [...argv];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === '--') {
      given.urls.push(...queue.splice(0));
    } else if (word.startsWith('--')) long(word, queue, given);
    else if (word.startsWith('-') && word.length > 1) short(word, queue, given);
    else given.urls.push(word);
  }
  const {texts} = given;
  const has = (name: string) => texts.has(name);
  const last = (name: string) => texts.get(name)?.at(-1);
  const urls = [...(texts.get('url') ?? []), ...given.urls];
  if (has('help')) return {kind: 'help'};
  if (has('version')) return {kind: 'version'};
  if (urls.length === 0) throw new CurlExit('no URL specified!', 2, true);
  const data = given.data.map(({name, value}) => dataText(name, value, readText));
  const get = has('get');
  if (last('user')?.includes(':') === false) throw unsupported('-u NAME without a password');
  if (last('cookie')?.includes('=') === false) throw unsupported('-b FILE');
  if (!get && has('head') && data.length > 0)
    throw new CurlExit(
      'Warning: You can only select one HTTP request method! You asked for both POST \nWarning: (-d, --data) and HEAD (-I, --head).',
      2,
    );
  const joined = data.length > 0 ? data.join(has('json') ? '' : '&') : undefined;
  const options: CurlOptions = {
    urls: get && joined !== undefined ? urls.map((url) => withQuery(url, joined)) : urls,
    outputs: texts.get('output') ?? [],
    silent: has('silent') || has('no-progress-meter'),
    showError: has('show-error') || !has('silent'),
    verbose: has('verbose'),
    include: has('include'),
    head: has('head'),
    fail: has('fail'),
    method: last('request'),
    headers: texts.get('header') ?? [],
    body: get ? undefined : joined,
    writeOut: last('write-out'),
    maxTime: Number(last('max-time') ?? 0),
    connectTimeout: Number(last('connect-timeout') ?? 0),
    family: has('ipv4') ? 4 : has('ipv6') ? 6 : undefined,
    userAgent: last('user-agent'),
    referer: last('referer'),
    user: last('user'),
    cookie: last('cookie'),
    compressed: has('compressed'),
    json: has('json'),
    get,
    dumpHeader: last('dump-header'),
    globOff: has('globoff'),
    remoteName: has('remote-name'),
    resolve: new Map(
      (texts.get('resolve') ?? []).map((text) => resolveEntry(text, has('silent') && !has('show-error'))),
    ),
  };
  return {kind: 'run', options};
}

function withQuery(url: string, query: string): string {
  const hash = url.indexOf('#');
  const [front, fragment] = hash < 0 ? [url, ''] : [url.slice(0, hash), url.slice(hash)];
  const slash = /^(?:[a-z]+:\/\/)?[^/?]*$/i.test(front) ? '/' : '';
  return `${front}${slash}${front.includes('?') ? '&' : '?'}${query}${fragment}`;
}

/** `HOST:PORT:ADDRESS`, the first of several addresses. */
function resolveEntry(text: string, isSilent: boolean): [string, string] {
  const match = /^\+?([^:]+):(\d+):\[?([^\],]+)\]?(,.*)?$/.exec(text);
  if (!match) throw new CurlExit(`(49) Couldn't parse CURLOPT_RESOLVE entry '${text}'`, 49, false, isSilent);
  return [`${match[1]}:${match[2]}`, match[3] ?? ''];
}

function unsupported(option: string): CurlExit {
  return new CurlExit(`option ${option}: not supported by this simulation`, 2);
}

function unknown(option: string, name: string): CurlExit {
  return known.has(name) ? unsupported(option) : new CurlExit(`option ${option}: is unknown`, 2, true);
}

function long(word: string, queue: string[], given: Given): void {
  const name = word.slice(2);
  const row = rows.find(([, candidate]) => candidate === name);
  if (!row) throw unknown(word, name);
  if (row[2] === 'flag') return void add(given, name, '');
  take(row, word, queue.shift(), given);
}

/** `-sSo FILE`, `-m5`. */
function short(word: string, queue: string[], given: Given): void {
  for (let rest = word.slice(1); rest !== ''; rest = rest.slice(1)) {
    const letter = rest[0] ?? '';
    const row = rows.find(([candidate]) => candidate === letter);
    if (!row) throw unknown(rest === word.slice(1) ? word : `-${letter}`, letter);
    if (row[2] !== 'flag') return void take(row, `-${letter}`, rest.length > 1 ? rest.slice(1) : queue.shift(), given);
    add(given, row[1], '');
  }
}

function take([, name, kind]: (typeof rows)[number], option: string, value: string | undefined, given: Given): void {
  if (value === undefined) throw new CurlExit(`option ${option}: requires parameter`, 2, true);
  if (kind === 'number' && !/^\d+(\.\d*)?$|^\.\d+$/.test(value))
    throw new CurlExit(`option ${option}: expected a proper numerical parameter`, 2, true);
  if (dataOptions.includes(name)) given.data.push({name, value});
  add(given, name, value);
}

function add({texts}: Given, name: string, value: string): void {
  const list = texts.get(name);
  if (list) list.push(value);
  else texts.set(name, [value]);
}

const dataOptions = ['data', 'data-ascii', 'data-binary', 'data-raw', 'json'];

/** `@FILE` is read, by -d without its line ends. */
function dataText(name: string, value: string, readText: (path: string) => string | undefined): string {
  if (name === 'data-raw' || !value.startsWith('@')) return value;
  if (value === '@-') throw unsupported(`--${name} @-`);
  const text = readText(value.slice(1)) ?? '';
  return name === 'data' || name === 'data-ascii' ? text.replace(/[\r\n\0]/g, '') : text;
}

export const versionText = `curl 7.88.1 (simulated) libcurl/7.88.1
Release-Date: 2023-02-20
Protocols: http
Features: IPv6
`;

export const helpText = `Usage: curl [options...] <url>
${rows.map(([letter, name, kind]) => ` ${`${letter === '' ? '    ' : `-${letter}, `}--${name}${kind === 'flag' ? '' : ' <arg>'}`}\n`).join('')}`;
