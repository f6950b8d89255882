import {describe, expect, it} from 'vitest';
import {newLife, track} from '../../../src/datapath/run/nf-state.js';
import type {SimSkb} from '../../../src/datapath/run/skb.js';
import {conntrackMain} from '../../../src/tools/conntrack/main.js';
import {entryText} from '../../../src/tools/conntrack/print.js';
import {type Ip, parseIp} from '../../../src/wire/addr.js';
import {runMain} from '../../memory-io.js';

const conntrack = (line: string, ...more: string[]) =>
  runMain(conntrackMain, [...line.split(' ').filter(Boolean), ...more]);
const kubeProxy = ['--cluster', 'fixtures/kube-proxy.yaml', '--traffic', 'node/node1 -> my-svc:80/http x2'];
const here = {cwd: new URL('../../..', import.meta.url).pathname};
const list = (line: string) =>
  runMain(conntrackMain, [...line.split(' ').filter(Boolean), ...kubeProxy], {cwd: here.cwd});
const shown = (n: number) => `conntrack v1.4.7 (conntrack-tools): ${n} flow entries have been shown.\n`;

describe('conntrack', () => {
  it('lists what a node under kube-proxy tracks: the service in front, the backend behind', async () => {
    const {stdout, stderr, code} = await list('-L -d 10.96.10.50');
    expect(code).toBe(0);
    expect(stderr).toBe(shown(2));
    for (const line of stdout.trim().split('\n'))
      expect(line).toMatch(
        /^tcp {6}6 \d+ TIME_WAIT src=\S+ dst=10\.96\.10\.50 sport=(\d+) dport=80 src=10\.32\.\d\.\d+ dst=\S+ sport=8080 dport=\d+ \[ASSURED\] mark=0 use=1$/,
      );
    expect((await list('-L -p tcp --dport 81')).stderr).toBe(shown(0));
    expect((await list('-L -p tcp --state TIME_WAIT -d 10.96.0.0/16 -o extended')).stdout).toMatch(
      /^ipv4 {5}2 tcp {6}6 /,
    );
    expect(Number((await list('-C')).stdout)).toBeGreaterThanOrEqual(2);
    expect((await list('-L -f ipv6')).stderr).toBe(shown(0));
  });

  it('has nothing where no netfilter rules are passed', async () => {
    expect(await conntrack('-L', '--cluster', 'demo')).toEqual({code: 0, stdout: '', stderr: shown(0)});
    expect((await conntrack('-L', '--cluster', 'demo', '--pod', 'pod-a')).stderr).toBe(shown(0));
  });

  // as conntrack 1.4.7 has them
  it.each([
    ['-Q', "unknown option `-Q'"],
    ['-L -p foo', "`foo' unsupported protocol"],
    ['-L foo', "unknown type `foo'"],
    ['-L -f foo', "`foo' unsupported protocol"],
    ['-L -o foo', "Bad parameter `foo'"],
    ['-L -s foo', "Invalid IP address `foo'"],
    ['-L -p tcp --state FOO', "unknown TCP state `FOO'"],
    ['-L --sport 80', "unknown option `--sport'"],
  ])('refuses `conntrack %s`', async (line, text) => {
    expect(await conntrack(line)).toEqual({
      code: 2,
      stdout: '',
      stderr: `conntrack v1.4.7 (conntrack-tools): ${text}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`,
    });
  });

  it('says what it does not have', async () => {
    expect(await conntrack('-D')).toMatchObject({code: 2, stderr: expect.stringContaining('-D is not supported')});
  });
});

// entries made with `conntrack -I` and listed by the real one
describe('an entry', () => {
  const [a, b] = [parseIp('10.0.0.1')!, parseIp('10.0.0.2')!];
  const entry = (protocol: number, ports: [number, number], more: object, ips: [Ip, Ip] = [a, b]) => ({
    original: {source: ips[0], destination: ips[1], sourcePort: ports[0], destinationPort: ports[1], protocol},
    ...{backend: undefined, masked: undefined, decided: true, replied: false},
    life: {tcp: 'NONE' as const, sctp: 'NONE' as const, expires: 29.9e9, assured: false, began: 0},
    ...more,
  });

  it('is printed as libnetfilter_conntrack does', () => {
    const established = {
      replied: true,
      life: {tcp: 'ESTABLISHED', sctp: 'NONE', expires: 999e9, assured: true, began: 0},
    };
    expect(entryText(entry(6, [1000, 80], established), 0, true)).toBe(
      'ipv4     2 tcp      6 999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 [ASSURED] mark=0 use=1\n',
    );
    expect(entryText(entry(17, [1001, 53], {}), 0, false)).toBe(
      'udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1001 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=53 dport=1001 mark=0 use=1\n',
    );
    expect(entryText(entry(1, [7, 7], {replied: true}), 0, false)).toBe(
      'icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1\n',
    );
    const six: [Ip, Ip] = [parseIp('fd00::1')!, parseIp('fd00::2')!];
    const sent = {life: {tcp: 'SYN_SENT', sctp: 'NONE', expires: 99.5e9, assured: false, began: 0}};
    expect(entryText(entry(6, [1000, 80], sent, six), 0, true)).toBe(
      'ipv6     10 tcp      6 99 SYN_SENT src=fd00::1 dst=fd00::2 sport=1000 dport=80 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=80 dport=1000 mark=0 use=1\n',
    );
  });

  it('goes through TCP’s states', () => {
    const life = newLife(0);
    const see = (flags: number, reply: boolean) => {
      const buf = new Uint8Array(54);
      buf[14] = 0x45;
      buf[34 + 13] = flags;
      track(life, {protocol: 6, reply, replied: reply}, {buf, start: 0, end: 54} as SimSkb, 1e9);
      return life.tcp;
    };
    const [FIN, SYN, RST, ACK] = [1, 2, 4, 16];
    expect(see(SYN, false)).toBe('SYN_SENT');
    expect(see(SYN | ACK, true)).toBe('SYN_RECV');
    expect(life.assured).toBe(false);
    expect(see(ACK, false)).toBe('ESTABLISHED');
    expect([life.assured, life.expires]).toEqual([true, 432_001e9]);
    expect(see(ACK, true)).toBe('ESTABLISHED');
    expect(see(FIN | ACK, false)).toBe('FIN_WAIT');
    expect(see(ACK, true)).toBe('CLOSE_WAIT');
    expect(see(FIN | ACK, true)).toBe('LAST_ACK');
    expect(see(ACK, false)).toBe('TIME_WAIT');
    expect(see(SYN, false)).toBe('SYN_SENT');
    expect(see(RST | ACK, true)).toBe('CLOSE');
  });
});
