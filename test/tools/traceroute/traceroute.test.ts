import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {demoCluster} from '../../../src/cluster/demo.js';
import {createControl} from '../../../src/control/control.js';
import type {CapturePoint} from '../../../src/datapath/model.js';
import {openProber, type ProbeMethod} from '../../../src/datapath/run/probe.js';
import {createRun} from '../../../src/datapath/run/simulate.js';
import {nodeNamed} from '../../../src/datapath/run/world.js';
import {checkWords, parseTraceroute, type TracerouteOptions} from '../../../src/tools/traceroute/argv.js';
import {tracerouteMain} from '../../../src/tools/traceroute/main.js';
import {probeText} from '../../../src/tools/traceroute/print.js';
import {startProbes} from '../../../src/tools/traceroute/probes.js';
import {formatIp, type Ip, parseIp} from '../../../src/wire/addr.js';
import {verifyL4Checksum} from '../../../src/wire/l4.js';
import {runMain} from '../../memory-io.js';

const traceroute = (line: string, cluster = 'demo') =>
  runMain(tracerouteMain, ['--cluster', cluster, ...line.split(' ').filter(Boolean)]);

const bytesToHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const times = (text: string) => text.replace(/\d+\.\d{3} ms/g, 'T');

describe('the command line, with the texts of traceroute 2.1.2', () => {
  it.each([
    ['-x 1.1.1.1', "Bad option `-x' (argc 1)"],
    ['--foo=3 1.1.1.1', "Bad option `--foo=3' (with arg `3') (argc 1)"],
    ['-q', "Option `-q' (argc 1) requires an argument: `-q nqueries'"],
    ['--queries 1 1.1.1.1', "Option `--queries' (argc 1) requires an argument: `--queries=nqueries'"],
    ['-Iq1 1.1.1.1', "Option `-q' (argc 1) requires an argument: `-q nqueries'"],
    ['-q 3x 1.1.1.1', "Cannot handle `-q' option with arg `3x' (argc 2)"],
    ['-q=1 1.1.1.1', "Cannot handle `-q' option with arg `=1' (argc 1)"],
    ['-w 1,2,3,4 1.1.1.1', "Cannot handle `-w' option with arg `1,2,3,4' (argc 2)"],
    ['-p nosuch 1.1.1.1', "Cannot handle `-p' option with arg `nosuch' (argc 2)"],
    ['-n', 'Specify "host" missing argument.'],
    ['1.1.1.1 60 foo', "Extra arg `foo' (position 3, argc 3)"],
  ])('%s', async (line, text) => {
    expect(await runMain(tracerouteMain, line.split(' '))).toEqual({code: 2, stdout: '', stderr: `${text}\n`});
  });

  it.each([
    ['-q 0 1.1.1.1', 'no more than 10 probes per hop'],
    ['-m 256 1.1.1.1', 'max hops cannot be more than 255'],
    ['-f 31 1.1.1.1', 'first hop out of range'],
    ['1.1.1.1 70000', 'too big packetlen 70000 specified'],
    ['1.1.1.1 abc', 'Cannot handle "packetlen" cmdline arg `abc\' on position 2 (argc 2)'],
    ['-w -1 1.1.1.1', "bad wait specifications `-1,0,0' used"],
    ['-z -1 1.1.1.1', "bad sendtime `-1' specified"],
    ['-M foo 1.1.1.1', 'Unknown traceroute module foo'],
    [
      '-6 1.1.1.1',
      '1.1.1.1: Address family for hostname not supported\nCannot handle "host" cmdline arg `1.1.1.1\' on position 1 (argc 2)',
    ],
  ])('%s: after the host is known', async (line, text) => {
    const {code, stderr} = await traceroute(line);
    expect({code, stderr}).toEqual({code: 2, stderr: `${text}\n`});
  });

  it.each(['-g 1.1.1.1 x', '-d x', '-A x', '--mtu x', '-UL x', '-P 1 x', '-r x', '-O ack x'])(
    'refuses %s',
    async (line) => {
      expect(await traceroute(line)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^(wirelay|error).*not supported here/),
      });
    },
  );

  it('numbers in C’s notations, services as ports, options cut short', () => {
    const read = (line: string) => {
      const command = parseTraceroute(line.split(' '));
      if (command.kind !== 'run') throw new Error(command.kind);
      return {words: command.words, options: checkWords(command.words)};
    };
    expect(read('-q 0x2 -m 010 x').options).toMatchObject({queries: 2, maxHops: 8});
    expect(read('-p http -T x').options).toMatchObject({method: 'tcp', port: 80});
    expect(read('-n -q1 x').words).toMatchObject({numeric: true, host: 'x'});
    expect(read('--dont x').words.dontFragment).toBe(true);
    expect(read('-w 2,0.5 x').options.wait).toEqual({max: 2, here: 0.5, near: 0});
    expect(read('-z 500 x').options.pause).toBe(500e6);
    expect(read('--sport=99 x').options).toMatchObject({simultaneous: 1, sourcePort: 99});
    expect(read('-- -x').words.host).toBe('-x');
  });
});

describe('through the simulation', () => {
  it('kube-proxy: every node on the way counts and answers', async () => {
    const {code, stdout} = await traceroute('-n -q 2 pod-b --pod pod-a --set spec.profile=kube-proxy');
    expect(code).toBe(0);
    expect(times(stdout)).toBe(
      'traceroute to pod-b (10.32.2.20), 30 hops max, 60 byte packets\n 1  10.0.0.5  T  T\n 2  10.0.0.6  T  T\n 3  10.32.2.20  T  T\n',
    );
  });

  it.each(['', '-I', '-T -p 8080'])('Cilium drops what expires over IPv4 without a word: %s', async (method) => {
    expect(times((await traceroute(`${method} pod-b --pod pod-a`)).stdout)).toBe(
      'traceroute to pod-b (10.32.2.20), 30 hops max, 60 byte packets\n 1  * * *\n 2  pod-b (10.32.2.20)  T  T  T\n',
    );
  });

  it('a service answers by its own address', async () => {
    expect(times((await traceroute('-T -q 1 my-svc --pod pod-a')).stdout)).toContain(
      '\n 2  my-svc.default.svc.cluster.local (10.96.10.50)  T\n',
    );
  });

  it('IPv6, and what the stack itself refuses', async () => {
    const dual = join(import.meta.dirname, '../../../fixtures/dual-stack.yaml');
    expect(times((await traceroute('-6 -n -q 1 pod-b --pod pod-a', dual)).stdout)).toMatch(
      /^traceroute to pod-b \(fd00:.*\), 30 hops max, 80 byte packets\n 1 {2}.*\n 2 {2}fd00:\S+ {2}T\n$/,
    );
    expect((await traceroute('-n -F pod-b 1600 --pod pod-a')).stdout).toContain('\n 1  *  0.000 ms !F-1500 *');
    expect(await traceroute('-n -i eth9 pod-b')).toMatchObject({
      code: 1,
      stderr: '\nsetsockopt SO_BINDTODEVICE: No such device\n',
    });
    expect((await traceroute('-s 1.2.3.4 pod-b')).stderr).toBe('\nbind: Cannot assign requested address\n');
  });
});

describe('probes on the wire, as Debian’s 2.1.2 sends them', () => {
  const to = parseIp('10.0.0.6');
  /** The packet as it leaves node1. */
  const sent = (protocol: ProbeMethod['protocol'], size: number, port: number, tos = 0) => {
    const packets: Uint8Array[] = [];
    const observer = {
      wants: ({node, device}: CapturePoint) => node === 'node1' && device === 'eth0',
      frame(_point: CapturePoint, _time: number, direction: string, b: Uint8Array, start: number, end: number) {
        if (direction === 'out' && b[start + 13] === 0) packets.push(b.slice(start + 14, end));
      },
    };
    const control = createControl(demoCluster());
    const {run, advance} = createRun({control, traffic: [], seed: 1, observers: [observer]});
    const ns = nodeNamed(run, 'node1')?.host;
    const prober =
      ns && to !== undefined && openProber(ns, {protocol, to, size, tos, dontFragment: false, sourcePort: 0});
    if (!prober) throw new Error('no way to node2');
    prober.send(port, 1, () => {});
    advance(undefined, 1000);
    const [bytes] = packets;
    if (!bytes) throw new Error('nothing left');
    return {bytes, length: prober.packetLength};
  };

  it('UDP', () => {
    const {bytes, length} = sent('udp', 32, 33434, 16);
    expect(length).toBe(60);
    expect(bytesToHex(bytes.subarray(0, 4))).toBe('4510003c');
    expect(bytesToHex(bytes.subarray(6, 10))).toBe('00000111');
    expect(bytesToHex(bytes.subarray(22, 26))).toBe('829a0028');
    expect(String.fromCharCode(...bytes.subarray(28))).toBe('@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_');
    expect(verifyL4Checksum(bytes, 0, bytes.length)).toBe(true);
  });

  it('ICMP', () => {
    const {bytes} = sent('icmp', 32, 100);
    expect([...bytes.subarray(20, 22), ...bytes.subarray(26, 28)]).toEqual([8, 0, 0, 100]);
    expect(String.fromCharCode(...bytes.subarray(28))).toBe('HIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg');
  });

  it('TCP', () => {
    const {bytes, length} = sent('tcp', 0, 80);
    expect(length).toBe(60);
    expect(bytesToHex(bytes.subarray(32, 36))).toBe('a00216d0');
    expect(bytesToHex(bytes.subarray(40, 48))).toBe('020405b40402080a');
    expect(bytesToHex(bytes.subarray(52))).toBe('0000000001030302');
    expect(verifyL4Checksum(bytes, 0, bytes.length)).toBe(true);
  });
});

/** A chain of routers behind which the target is; `say`: does the n-th answer of a hop come at all? */
function trace(
  hops: readonly string[],
  options: Partial<TracerouteOptions>,
  say: (hop: number, count: number) => boolean,
  error?: {type: number; code: number},
): string {
  const all: TracerouteOptions = {
    ...{
      method: 'default',
      firstHop: 1,
      maxHops: 30,
      queries: 3,
      simultaneous: 16,
      pause: 0,
      port: 33434,
      sourcePort: 0,
    },
    ...{wait: {max: 5, here: 3, near: 10}, tos: 0, packetLength: undefined, ...options},
  };
  const queue: {at: number; what: () => void}[] = [];
  let now = 0;
  let text = '';
  let over = false;
  const counts = new Map<number, number>();
  const after = (delay: number, what: () => void) => {
    const entry = {at: now + delay, what};
    queue.push(entry);
    return () => void (queue.includes(entry) && queue.splice(queue.indexOf(entry), 1));
  };
  startProbes(all, {
    now: () => now,
    after,
    send(_index, ttl, answered) {
      const hop = Math.min(ttl, hops.length);
      const count = (counts.get(hop) ?? 0) + 1;
      counts.set(hop, count);
      const from = parseIp(hops[hop - 1]!) as Ip;
      const isLast = ttl >= hops.length;
      const answer = {type: 11, code: 0, from};
      if (say(hop, count))
        after(hop * 1e6, () =>
          answered({from, error: isLast ? {...(error ?? {type: 3, code: 3}), from} : answer, ttl: 65 - hop}),
        );
      return {kind: 'sent', wait: () => {}};
    },
    print: (index, probes) =>
      void (text += probeText(index, probes, {queries: all.queries, backward: false, nameOf: formatIp})),
    end: () => void (over = true),
  });
  while (!over) {
    queue.sort((a, b) => a.at - b.at);
    const entry = queue.shift();
    if (!entry) throw new Error('nothing is due');
    now = entry.at;
    entry.what();
  }
  return times(text);
}

const path = ['10.1.1.2', '10.1.2.2', '10.1.3.2'];

describe('which probe is told where, as the real program was seen to', () => {
  it('a target that answers all', () => {
    expect(trace(path, {}, () => true)).toBe('\n 1  10.1.1.2  T  T  T\n 2  10.1.2.2  T  T  T\n 3  10.1.3.2  T  T  T');
  });

  it('a target whose limit for errors is used up answers late', () => {
    const last = trace(path, {firstHop: 3}, (_hop, count) => count > 16);
    expect(last).toBe('\n 3  * * *\n 4  * * *\n 5  * * *\n 6  * * *\n 7  * * *\n 8  * 10.1.3.2  T  T');
  });

  it('an unreachable target is told of where the router stands', () => {
    const noHost = {type: 3, code: 1};
    expect(trace(path.slice(0, 2), {}, (hop, count) => hop === 2 && count > 4, noHost)).toBe(
      '\n 1  * * *\n 2  10.1.2.2  T !H  T !H  T !H',
    );
  });

  it('goes no further than asked', () => {
    expect(trace(path, {maxHops: 2, queries: 1}, (hop) => hop === 2)).toBe('\n 1  *\n 2  10.1.2.2  T');
    expect(trace(path, {simultaneous: 1, queries: 2, pause: 1e9}, () => true)).toContain('\n 3  10.1.3.2  T  T');
  });
});
