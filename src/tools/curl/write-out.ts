/** -w: the variables of a transfer (src/tool_writeout.c). */

export interface Transfer {
  /** As given, and as asked for. */
  readonly given: string;
  readonly url: string;
  /** Which of the command line's. */
  readonly index: number;
  readonly referer: string;
  readonly method: string;
  readonly status: number;
  readonly contentType: string;
  readonly remote: {readonly ip: string; readonly port: number} | undefined;
  readonly local: {readonly ip: string; readonly port: number} | undefined;
  readonly headerBytes: number;
  readonly bodyBytes: number;
  readonly requestBytes: number;
  readonly uploadBytes: number;
  /** s from the start; 0: did not happen. */
  readonly lookup: number;
  readonly connect: number;
  readonly pretransfer: number;
  readonly starttransfer: number;
  readonly total: number;
  readonly exitCode: number;
  readonly error: string;
  readonly file: string;
}

const seconds = (value: number) => value.toFixed(6);
const rate = (bytes: number, time: number) => String(time > 0 ? Math.floor(bytes / time) : 0);

const variables: Readonly<Record<string, (transfer: Transfer) => string>> = {
  content_type: (t) => t.contentType,
  errormsg: (t) => t.error,
  exitcode: (t) => String(t.exitCode),
  filename_effective: (t) => t.file,
  http_code: (t) => String(t.status).padStart(3, '0'),
  http_connect: () => '000',
  http_version: (t) => (t.status > 0 ? '1.1' : '0'),
  local_ip: (t) => t.local?.ip ?? '',
  local_port: (t) => String(t.local?.port ?? 0),
  method: (t) => t.method,
  num_certs: () => '0',
  num_connects: (t) => (t.connect > 0 ? '1' : '0'),
  num_headers: () => '0',
  num_redirects: () => '0',
  proxy_ssl_verify_result: () => '0',
  redirect_url: () => '',
  referer: (t) => t.referer,
  remote_ip: (t) => t.remote?.ip ?? '',
  remote_port: (t) => String(t.remote?.port ?? 0),
  response_code: (t) => String(t.status).padStart(3, '0'),
  scheme: () => 'HTTP',
  size_download: (t) => String(t.bodyBytes),
  size_header: (t) => String(t.headerBytes),
  size_request: (t) => String(t.requestBytes),
  size_upload: (t) => String(t.uploadBytes),
  speed_download: (t) => rate(t.bodyBytes, t.total),
  speed_upload: (t) => rate(t.uploadBytes, t.total),
  ssl_verify_result: () => '0',
  time_appconnect: () => seconds(0),
  time_connect: (t) => seconds(t.connect),
  time_namelookup: (t) => seconds(t.lookup),
  time_pretransfer: (t) => seconds(t.pretransfer),
  time_redirect: () => seconds(0),
  time_starttransfer: (t) => seconds(t.starttransfer),
  time_total: (t) => seconds(t.total),
  url: (t) => t.given,
  url_effective: (t) => t.url,
  urlnum: (t) => String(t.index),
};

/** Text for one of the two streams. */
export interface Part {
  readonly stream: 'stdout' | 'stderr';
  text: string;
}

/** In the order in which it is written. */
export function writeOut(format: string, transfer: Transfer): readonly Part[] {
  const parts: Part[] = [{stream: 'stdout', text: ''}];
  const add = (text: string) => {
    const last = parts.at(-1);
    if (last) last.text += text;
  };
  let rest = format;
  while (rest !== '') {
    const [all = '', sign, name] = /^(?:%%|\\([rnt])|%\{([^}]*)\}|[%\\]|[^%\\]+)/.exec(rest) ?? [];
    rest = rest.slice(all.length);
    if (name === undefined)
      add(all === '%%' ? '%' : sign === undefined ? all : ({r: '\r', n: '\n', t: '\t'}[sign] ?? all));
    // what follows is for failed transfers alone
    else if (name === 'onerror') {
      if (transfer.exitCode === 0) break;
    } else if (name === 'stdout' || name === 'stderr') parts.push({stream: name, text: ''});
    else if (Object.hasOwn(variables, name)) add(variables[name]?.(transfer) ?? '');
    else {
      const {stream} = parts.at(-1) ?? {stream: 'stdout'};
      parts.push({stream: 'stderr', text: `curl: unknown --write-out variable: '${name}'\n`}, {stream, text: ''});
    }
  }
  return parts;
}
