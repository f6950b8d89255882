/** Texts of our own for packets of capture files: annotations and JSON. */
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {demoCluster} from '../../../../src/cluster/demo.js';
import {tunnelPorts, walk} from '../../../../src/session/walk.js';
import {tcpdumpMain} from '../../../../src/tools/tcpdump/main.js';
import {annotation} from '../../../../src/tools/tcpdump/own/annotate.js';
import {flowOf, vniOf} from '../../../../src/tools/tcpdump/own/flow.js';
import {packetJson} from '../../../../src/tools/tcpdump/own/json.js';
import {clusterView} from '../../../../src/tools/tcpdump/own/select.js';
import {runMain} from '../../../memory-io.js';
import {describeWith} from '../../../oracle.js';
import {makeCaptures, temporaryFolder} from '../programs.js';
import {carriers, cilium, echo, request, talk, tunnel, writeCapture} from './tunnels.js';

const folder = temporaryFolder();
const file = (name: string) => join(folder.path, name);
const run = (...argv: string[]) => runMain(tcpdumpMain, argv, {cwd: folder.path});
/** Lines that a command prints, without time stamps. */
const lines = async (...argv: string[]) => (await run('-nn', '-t', ...argv)).stdout.split('\n').filter(Boolean);
const demo = ['--cluster', 'demo'];

beforeAll(() => {
  writeCapture(file('vxlan.pcap'), [cilium]);
  writeCapture(file('talk.pcap'), talk);
});
afterAll(folder.remove);

describe('--annotate', () => {
  it('names both ends, by VNI and by address', async () => {
    const notes = (await lines('-r', file('talk.pcap'), ...demo, '--annotate')).map((line) => line.split('  # ')[1]);
    expect(notes).toEqual([
      'pod-a(node1) > pod-b(node2, my-svc) id 2161 app=client > 46983 app=my-svc',
      'pod-b(node2, my-svc) > pod-a(node1) id 46983 app=my-svc > 2161 app=client',
      'pod-a(node1) > pod-b(node2) id 7777 unknown (pod-a has 2161) > 46983 app=my-svc',
      'world > pod-a(node1) id 7777 unknown > 2161 app=client',
      'pod-a(node1) > my-svc(service) id 2161 app=client',
      'pod-a(node1) > world id 2161 app=client > 2 reserved:world',
      'node2 > pod-a(node1) id 6 reserved:remote-node > 2161 app=client',
      'fe80::1 > ff02::1',
    ]);
  });

  it('goes behind the first line and changes nothing else', async () => {
    for (const options of [['-v'], ['-e', '-XX'], ['-A'], ['--vxlan-port', '8472']]) {
      const plain = await run('-r', file('talk.pcap'), ...demo, ...options);
      const noted = await run('-r', file('talk.pcap'), ...demo, ...options, '--annotate');
      expect(noted.stdout.replaceAll(/ {2}# .*$/gm, '')).toBe(plain.stdout);
      expect(noted.stdout.match(/ {2}# /g)).toHaveLength(8);
    }
    const two = await lines('-r', file('vxlan.pcap'), ...demo, '--vxlan-port', '8472', '--annotate');
    expect(two[0]).toBe(
      'IP 10.0.0.5.5 > 10.0.0.6.8472: VXLAN, flags [I] (0x08), vni 2161  # pod-a(node1) > pod-b(node2) id 2161 app=client > 46983 app=my-svc',
    );
  });

  it('says what a cut frame still tells', async () => {
    const b = tunnel(2161, ...echo);
    const notes: (string | undefined)[] = [];
    for (const snaplen of [40, 49, 50, 70, 84, 262144]) {
      writeCapture(file('cut.pcap'), [b], {snaplen});
      const [line] = await lines('-r', file('cut.pcap'), ...demo, '--annotate');
      notes.push(line!.split('  # ')[1]);
    }
    const both = 'pod-a(node1) > pod-b(node2) id 2161 app=client > 46983 app=my-svc';
    const outer = 'node1 > node2 id 6 reserved:remote-node > 6 reserved:remote-node';
    expect(notes).toEqual([outer, outer, 'id 2161 app=client', 'id 2161 app=client', both, both]);
  });

  it('knows IPv6 pods', async () => {
    const cluster = ['--cluster', join(process.cwd(), 'fixtures/dual-stack.yaml')];
    const {stdout} = await run(
      ...cluster,
      '-6'.replace('-6', '-nn'),
      '-t',
      '-i',
      'eth0',
      '--annotate',
      '--inner',
      'icmp6 and ip6[40] >= 128 and ip6[40] <= 129',
    );
    expect(stdout).toMatch(/ {2}# \S+\(\S+\) > \S+\(\S+\) id \d+ \S+ > \d+ \S+\n/);
  });

  it('shows no terminal escape from a definition', async () => {
    const cluster = demoCluster();
    const identities = [{id: 2161, labels: ['k8s:app=\u001b[31m\u202e']}];
    const view = clusterView({...cluster, identities});
    const b = tunnel(2161, ...request);
    const stack = walk(1, b, 0, b.length, b.length, tunnelPorts());
    expect(annotation(view, flowOf(b, stack), vniOf(b, stack))).toBe(
      'pod-a(node1) > pod-b(node2, my-svc) id 2161 app=\\x1b[31m\\u{202e} > 46983 unknown',
    );
    const packet = {seconds: 0, nanoseconds: 0, b, start: 0, end: b.length, wireLength: b.length, number: 1};
    const decoded = {...packet, linkName: 'EN10MB', stack, flow: flowOf(b, stack), vni: 2161};
    const json = packetJson(decoded, {}, view, '');
    expect(json).toContain(String.raw`app=\u001b[31m\u202e`);
  });
});

describe('--json', () => {
  const objects = async (...options: string[]) =>
    (await run('-nn', '-t', '--json', ...options)).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it('has one object for each packet, with the text that tcpdump prints', async () => {
    const found = await objects('-r', file('talk.pcap'), ...demo);
    expect(found.map(({text}) => text)).toEqual(await lines('-r', file('talk.pcap')));
    expect(found[0]).toMatchObject({
      schemaVersion: 1,
      number: 1,
      time: '2026-01-01T00:00:00.000000000Z',
      linkType: 'EN10MB',
      length: 104,
      captured: 104,
      innermost: 4,
      vni: 2161,
      from: {kind: 'pod', name: 'default/pod-a', node: 'node1', identity: 2161, labels: ['app=client']},
      to: {kind: 'pod', name: 'default/pod-b', node: 'node2', services: ['default/my-svc']},
    });
    expect(found[0].layers.map(({layer}: {layer: string}) => layer)).toEqual([
      'ether',
      'ip',
      'udp',
      'geneve',
      'ether',
      'ip',
      'tcp',
    ]);
    expect(found[0].layers[3]).toEqual({
      layer: 'geneve',
      offset: 42,
      version: 0,
      vni: 2161,
      flags: 0,
      protocol: '0x6558',
      optionsLength: 0,
      options: [],
    });
    expect(found[0].layers[6]).toMatchObject({sourcePort: 40000, destinationPort: 8080, flags: ['SYN']});
  });

  it('knows no names without a cluster, and says where a frame is cut', async () => {
    writeCapture(file('cut.pcap'), [tunnel(2161, ...request)], {snaplen: 90});
    const [found] = await objects('-r', file('cut.pcap'));
    expect(found.from).toBeUndefined();
    expect([found.length, found.captured]).toEqual([104, 90]);
    expect(found.layers.at(-1)).toEqual({layer: 'tcp', offset: 84, cut: {layer: 'tcp', need: 20, have: 6}});
  });

  it('decodes every layer of every carrier at every length', async () => {
    for (const {wrap} of carriers)
      for (let snaplen = 1; snaplen <= 120; snaplen += 7) {
        writeCapture(file('cut.pcap'), [wrap(...echo)], {snaplen});
        const [found] = await objects('-r', file('cut.pcap'));
        expect(found.captured).toBe(Math.min(snaplen, found.length));
      }
  });

  it('is the same as --output json', async () => {
    const argv = ['-nn', '-r', file('talk.pcap')];
    expect((await run(...argv, '--output', 'json')).stdout).toBe((await run(...argv, '--json')).stdout);
  });
});

describeWith(['scapy'], 'captures of every protocol', () => {
  it('have tcpdump’s text in JSON, and under annotations', async () => {
    let packets = 0;
    for (const name of makeCaptures(folder.path)) {
      const plain = await run('-nn', '-v', '-r', file(name));
      const noted = await run('-nn', '-v', '-r', file(name), ...demo, '--annotate');
      expect(noted.stdout.replaceAll(/ {2}# .*$/gm, '')).toBe(plain.stdout);
      const objects = await run('-nn', '-v', '-r', file(name), ...demo, '--json');
      const texts = objects.stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => `${JSON.parse(line).text}\n`);
      expect(texts.join('')).toBe(plain.stdout);
      packets += texts.length;
    }
    expect(packets).toBeGreaterThan(500);
  });
});
