import {execFile} from 'node:child_process';
import {createSocket, type Socket} from 'node:dgram';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {demoCluster} from '../../../src/cluster/demo.js';
import {answerDns} from '../../../src/datapath/run/dns-server.js';
import {digMain} from '../../../src/tools/dig/main.js';
import {nslookupMain} from '../../../src/tools/dig/nslookup.js';
import {runMain} from '../../memory-io.js';
import {describeWith} from '../../oracle.js';

const dig = (line: string) =>
  runMain(digMain, [...line.split(' ').filter(Boolean), '--pod', 'pod-a', '--cluster', 'demo']);

const nslookup = (line: string) =>
  runMain(nslookupMain, [...line.split(' ').filter(Boolean), '--pod', 'pod-a', '--cluster', 'demo']);

describe('nslookup', () => {
  it('completes names as resolv.conf of the pod says', async () => {
    expect((await nslookup('my-svc')).stdout).toBe(
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tmy-svc.default.svc.cluster.local\nAddress: 10.96.10.50\n\n',
    );
    expect((await nslookup('kube-dns.kube-system')).stdout).toContain('Address: 10.96.0.10\n');
    expect(await nslookup('x 10.32.2.20')).toMatchObject({code: 1, stdout: expect.stringContaining('refused')});
    expect(await nslookup('x nosuch')).toMatchObject({code: 1, stderr: expect.stringContaining("for 'nosuch'")});
    expect((await nslookup('')).code).toBe(2);
  });
});

describe('dig', () => {
  it('asks the cluster’s DNS', async () => {
    expect(await dig('+short my-svc.default.svc.cluster.local')).toEqual({
      code: 0,
      stdout: '10.96.10.50\n',
      stderr: '',
    });
    expect((await dig('+search +short my-svc')).stdout).toBe('10.96.10.50\n');
    expect((await dig('+short my-svc')).stdout).toBe('');
    expect((await dig('-x 10.96.0.10 +short')).stdout).toBe('kube-dns.kube-system.svc.cluster.local.\n');
    expect((await dig('my-svc.default.svc.cluster.local ANY')).stdout).toMatch(/SERVER: .* \(TCP\)/);
    expect((await dig('+tcp +short my-svc.default.svc.cluster.local')).stdout).toBe('10.96.10.50\n');
  });

  it('says why there is no answer', async () => {
    const refused = await dig('@10.32.2.20 x +tries=2');
    expect(refused.code).toBe(9);
    expect(refused.stdout.split('\n').slice(0, 2)).toEqual(
      Array.from({length: 2}, () => ';; communications error to 10.32.2.20#53: connection refused'),
    );
    expect(refused.stdout).toMatch(/\n;; no servers could be reached\n$/);
    expect((await dig('@nosuch x')).stderr).toBe("dig: couldn't get address for 'nosuch': not found\n");
  });

  it('refuses what it does not know, and what it does not have', async () => {
    expect(await dig('+foo')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Invalid option: \+foo\nUsage: /),
    });
    expect(await dig('-Z')).toMatchObject({code: 1, stderr: expect.stringMatching(/^Invalid option: -Z\nUsage: /)});
    expect(await dig('x +tries=x')).toEqual({
      code: 10,
      stdout: '',
      stderr: "invalid tries 'x': not a valid number\ndig: Couldn't parse tries\n",
    });
    expect(await dig('x +trace')).toMatchObject({code: 2, stderr: 'wirelay: dig +trace is not supported here\n'});
  });
});

/** Blanks out what differs from run to run, and who was asked how. */
function plain(text: string): string {
  return text
    .replace(/id: \d+/g, 'id: N')
    .replace(/COOKIE: [0-9a-f]+/g, 'COOKIE: N')
    .replace(/Query time: \d+/g, 'Query time: N')
    .replace(/SERVER: .*/g, 'SERVER:')
    .replace(/WHEN: .*/g, 'WHEN:')
    .replace(/DiG .*/, 'DiG')
    .replace(/from server .* ms/g, 'from server');
}

describeWith(['dig'], 'dig against the real one, which asks the same server', () => {
  let server: Socket;
  beforeAll(async () => {
    const cluster = demoCluster();
    server = createSocket('udp4');
    server.on('message', (bytes, from) => {
      const answer = answerDns(cluster, bytes, 0, bytes.length);
      if (answer) server.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const svc = 'svc.cluster.local';
  it.each([
    `my-svc.default.${svc}`,
    `my-svc.default.${svc} AAAA`,
    `kube-dns.kube-system.${svc}`,
    `no.default.${svc} +noall +answer +comments`,
    `_dns._udp.kube-dns.kube-system.${svc} SRV`,
    `_dns._udp.kube-dns.kube-system.${svc} -t SRV +short`,
    '-x 10.96.0.10',
    '-x 10.96.0.10 +nocookie',
    '-x 10.0.0.250 +noedns',
    '-x 1.2',
    '-x fd00::1',
    'example.com MX',
    'x',
    `my-svc.default.${svc} +noall +answer`,
    `my-svc.default.${svc} +noall +stats`,
    `my-svc.default.${svc} +nocomments`,
    `my-svc.default.${svc} +nostats +nocmd`,
    `my-svc.default.${svc} +noquestion TXT`,
    `my-svc.default.${svc} +nottlid`,
    `my-svc.default.${svc} +nocl`,
    `my-svc.default.${svc} +nottlid +noclass`,
    `my-svc.default.${svc} +norecurse +noad`,
    `my-svc.default.${svc} +short +identify`,
    `my-svc.default.${svc} IN A +qr`,
    `-q my-svc.default.${svc} -c IN +short`,
    `a.${svc} kube-dns.kube-system.${svc} +noall +answer +question`,
    `my-svc.default.${svc} AAAA +noall +authority`,
    '10-32-1-10.default.pod.cluster.local +noall +answer',
    `x -t FOO +short`,
    `MY-SVC.default.${svc} +noall +answer +question`,
  ])('dig %s', async (line) => {
    const {port} = server.address();
    const words = line.split(' ');
    const real = await new Promise<string>((resolve) =>
      execFile('dig', ['@127.0.0.1', '-p', String(port), ...words], (_error, stdout) => resolve(stdout)),
    );
    expect(plain((await dig(`@10.96.0.10 ${line}`)).stdout)).toBe(plain(real));
  });

  it.each([
    `my-svc.default.${svc}`,
    `-type=SRV _dns._udp.kube-dns.kube-system.${svc}`,
    `no.default.${svc}`,
    '10.96.0.10',
    '10.99.0.10',
    `-query=TXT my-svc.default.${svc}`,
    'example.com.',
    `-type=FOO my-svc.default.${svc}`,
    `-foo my-svc.default.${svc}.`,
    `-q=AAAA my-svc.default.${svc}`,
  ])('nslookup %s', async (line) => {
    const words = [`-port=${server.address().port}`, ...line.split(' '), '127.0.0.1'];
    const [real, code] = await new Promise<[string, number]>((resolve) =>
      execFile('nslookup', words, (error, stdout) => resolve([stdout, Number(error?.code ?? 0)])),
    );
    const ours = await nslookup(`${line} 10.96.0.10`);
    expect(ours.stdout).toBe(real.replaceAll(/127\.0\.0\.1(#\d+)?/g, (_, port) => `10.96.0.10${port ? '#53' : ''}`));
    expect(ours.code).toBe(code);
  });
});
