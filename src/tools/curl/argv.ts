/** curl 7.88.1's command line, as far as a plain HTTP request over the simulated network goes. */

/** Ends the program: the text for stderr, behind `curl: `, and the exit code. */
export class CurlExit extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    readonly isUsage = false,
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
}

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
  ['', 'no-progress-meter', 'flag'],
  ['o', 'output', 'text'],
  ['w', 'write-out', 'text'],
  ['X', 'request', 'text'],
  ['H', 'header', 'text'],
  ['d', 'data', 'text'],
  ['', 'data-raw', 'text'],
  ['A', 'user-agent', 'text'],
  ['', 'url', 'text'],
  ['m', 'max-time', 'number'],
  ['', 'connect-timeout', 'number'],
];

/** What the real one takes and this one does not: said so, instead of `is unknown`. */
const known = new Set(
  'a b B c C D e E F j J k K l L M n O p P Q r R t T u U V x y Y z Z # : anyauth append basic cacert cert compressed config cookie cookie-jar create-dirs data-ascii data-binary data-urlencode digest dump-header fail-with-body form http1.0 http1.1 http2 insecure interface json keepalive-time key limit-rate location max-redirs netrc noproxy ntlm output-dir parallel proto proxy range referer remote-name resolve retry retry-delay socks5 speed-limit tcp-nodelay tls-max tlsv1.2 trace trace-ascii trace-time unix-socket upload-file user version help manual'.split(
    ' ',
  ),
);

interface Given {
  readonly texts: Map<string, string[]>;
  readonly urls: string[];
}

export function parseCurl(argv: readonly string[]): CurlOptions {
  const given: Given = {texts: new Map(), urls: []};
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
  if (urls.length === 0) throw new CurlExit('no URL specified!', 2, true);
  const data = [...(texts.get('data') ?? []), ...(texts.get('data-raw') ?? [])];
  if (texts.get('data')?.some((text) => text.startsWith('@'))) throw unsupported('-d @FILE');
  if (has('get')) throw unsupported('-G');
  if (has('head') && data.length > 0)
    throw new CurlExit('You can only select one HTTP request method! POST (-d, --data), HEAD (-I, --head)', 2);
  return {
    urls,
    outputs: texts.get('output') ?? [],
    silent: has('silent') || has('no-progress-meter'),
    showError: has('show-error') || !has('silent'),
    verbose: has('verbose'),
    include: has('include'),
    head: has('head'),
    fail: has('fail'),
    method: last('request'),
    headers: texts.get('header') ?? [],
    body: data.length > 0 ? data.join('&') : undefined,
    writeOut: last('write-out'),
    maxTime: Number(last('max-time') ?? 0),
    connectTimeout: Number(last('connect-timeout') ?? 0),
    family: has('ipv4') ? 4 : has('ipv6') ? 6 : undefined,
    userAgent: last('user-agent'),
  };
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
  add(given, name, value);
}

function add({texts}: Given, name: string, value: string): void {
  const list = texts.get(name);
  if (list) list.push(value);
  else texts.set(name, [value]);
}
