/** Ours against the real curl 7.88, which asks a server that answers as the simulation's do. */
import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {expandUrl} from '../../../src/tools/curl/glob.js';
import {curlMain} from '../../../src/tools/curl/main.js';
import {type Ran, runMain} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const BODY = 'Hello from default/pod-c on node3\n';
const HEAD =
  'HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 34\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n';

function startServer(): Promise<Server> {
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      socket.write(text.startsWith('HEAD') ? HEAD : HEAD + BODY);
      text = '';
    });
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** Speeds, times and who answered differ; where a real connection ends is not where ours does. */
function plain({code, stdout, stderr}: Ran): Ran {
  const told = (text: string) =>
    text
      .replace(/pod-[abc] on node\d/g, 'POD')
      .replace(/Date: .*/g, 'DATE')
      .replace(/after \d+ m/g, 'after N m')
      .replace(/ +\d+ +\d+ (--:--:-- ){3} *\d+/g, ' SPEED');
  return {code, stdout: told(stdout), stderr: told(stderr)};
}

const lines = [
  '-s my-svc',
  'my-svc',
  '-I my-svc',
  '-i my-svc',
  '-o /dev/null my-svc',
  '-X POST -d a=b my-svc',
  '-sL -k --max-redirs 2 --http1.1 my-svc',
  '-s my-svc -o /nonexist/x',
  '-s http://my-svc:99999',
  'http://',
  '-s -D - my-svc -o /dev/null',
  '-s -D - my-svc',
  '-O my-svc',
  '-O my-svc/',
  '',
  '-s',
  '-m',
  '-m x my-svc',
  '--foo my-svc',
  '-d a -I my-svc',
  '--resolve foo my-svc',
  '-s --resolve foo my-svc',
  '-sS -X HEAD -m 1 my-svc',
  '-s my-svc/{a,b}[x-y] -w %{url_effective}\\n',
  '-gs my-svc/[1-2]',
  'x/{a',
  'x/a}',
  'x/[3-1]',
  'http://x/[1-2',
  'http://[::1',
  '-s my-svc my-svc -w %{urlnum}%{stderr}e%{stdout}o%{onerror}E\\n',
  '-sw %{http_code}|%{num_redirects}|%{url}|%{nosuch}|%%\\t%{method} my-svc',
  '-so /dev/null -w %{size_header}|%{size_request}|%{size_upload}|%{content_type}|%{filename_effective}|%{referer}|%{http_connect}|%{num_certs} -e ref my-svc',
];

/** Only the request is compared. */
const requests = [
  '-v -H Host:x -A foo my-svc',
  '-v -b a=b -e ref -u me:pw --compressed -H X-A:1 my-svc',
  '-v --json {"a":1} my-svc',
  '-v --data-binary x -d z my-svc',
  '-v -G -d q=1 -d r=2 my-svc/x?y=1#z',
  '-v -G -d q=1 my-svc',
  '-v -d @body -d x my-svc',
  '-v --data-binary @body my-svc',
  '-v -G -d @body my-svc',
  '-v -d @none my-svc',
  '-v -H Accept: -H User-Agent; my-svc',
  '-v -X PUT -d  my-svc',
  '-v --json 1 -H Accept:x my-svc',
  '-vI -u a:b:c my-svc/p?q',
];

describeWith(['curl'], 'the real curl', () => {
  let server: Server;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wl-curl-'));
    server = await startServer();
    writeFileSync(join(folder, 'body'), 'one\ntwo\r\n');
  });
  afterAll(() => {
    server.close();
    rmSync(folder, {recursive: true});
  });

  function real(words: readonly string[]): Promise<Ran> {
    const {port} = server.address() as AddressInfo;
    const there = words.length > 0 && words.includes('my-svc') ? [`--connect-to`, `my-svc:80:127.0.0.1:${port}`] : [];
    const any = words.some((word) => word.startsWith('my-svc/')) ? ['--connect-to', `my-svc:80:127.0.0.1:${port}`] : [];
    return new Promise((done) =>
      execFile('curl', [...(there.length > 0 ? there : any), ...words], {cwd: folder}, (error, stdout, stderr) =>
        done({code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr}),
      ),
    );
  }

  it.each(lines)('curl %s', async (line) => {
    const words = line.split(' ').filter(Boolean);
    const ours = await runMain(curlMain, [...own, ...words], {cwd: folder});
    expect(plain(ours)).toEqual(plain(await real(words)));
  });

  it.each(requests)('curl %s: the request', async (line) => {
    const words = line.split(' ');
    const asked = ({stderr}: Ran) => stderr.split('\n').filter((text) => /^> |^\* Server auth/.test(text));
    const ours = await runMain(curlMain, [...own, ...words], {cwd: folder});
    expect(asked(ours)).toEqual(asked(await real(words)));
    expect(asked(ours).length).toBeGreaterThan(3);
  });

  it('leaves no files where there is nothing to write', () => expect(readdirSync(folder)).toEqual(['body']));
});

const own = ['--cluster', 'demo', '--pod', 'pod-a'];

describe('curl', () => {
  it('--resolve, https and what never comes', async () => {
    const told = await runMain(curlMain, [...own, '-sv', '--resolve', 'foo:8080:10.32.2.20', 'foo:8080']);
    expect(told.stdout).toBe('Hello from default/pod-b on node2\n');
    expect(told.stderr).toMatch(
      /^\* Added foo:8080:10\.32\.2\.20 to DNS cache\n\* Hostname foo was found in DNS cache\n/,
    );
    expect(await runMain(curlMain, [...own, '-ks', 'https://10.32.9.9', '-m', '2'])).toMatchObject({code: 28});
    expect(await runMain(curlMain, [...own, '-kS', 'https://10.32.2.20:8080', '-s'])).toMatchObject({
      code: 2,
      stderr: 'curl: (2) https: connected, but there is no TLS in this simulation\n',
    });
    expect(await runMain(curlMain, [...own, '-X', 'HEAD', '-s', 'my-svc'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing more happens'),
    });
  });

  it('expands patterns, the last place fastest', () => {
    expect(expandUrl('x/{a,b}[01-03:2]')).toEqual(['x/a01', 'x/a03', 'x/b01', 'x/b03']);
    expect(expandUrl('http://[fd00::1]:80/[a-c]')).toEqual(['a', 'b', 'c'].map((c) => `http://[fd00::1]:80/${c}`));
    expect(expandUrl('x/\\{a\\}')).toEqual(['x/{a}']);
    expect(() => expandUrl('x/[1-99999999]')).toThrow('range overflow');
    expect(() => expandUrl('x/[a-3]')).toThrow('bad range');
  });
});
