/** SCTP end to end: associations, services, losses. */
import {describe, expect, it} from 'vitest';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {get16} from '../../../src/wire/bytes.js';
import {verifyL4Checksum} from '../../../src/wire/l4.js';
import {sctpChunks} from '../../../src/wire/sctp.js';
import {type Lab, pair, runLab} from './lab.js';

const server: Partial<ClusterSpec> = {
  pods: [
    {name: 'a', node: 'node1'},
    {name: 'b', node: 'node2', ports: [{port: 7777, protocol: 'SCTP'}], labels: {app: 'b'}},
  ],
  services: [
    {name: 's', selector: {app: 'b'}, ports: [{name: 'same', port: 7777, protocol: 'SCTP'}]},
    {name: 'o', selector: {app: 'b'}, ports: [{port: 9000, targetPort: 7777, protocol: 'SCTP'}]},
  ],
};
const sctp = {'enable-sctp': true};
const cluster = (changes: Partial<ClusterSpec> = {}) =>
  pair({...server, ...changes, cilium: {...sctp, ...changes.cilium}});

const names = [
  ...['DATA', 'INIT', 'INIT ACK', 'SACK', 'HEARTBEAT', 'HEARTBEAT ACK', 'ABORT', 'SHUTDOWN', 'SHUTDOWN ACK', 'ERROR'],
  ...['COOKIE ECHO', 'COOKIE ACK', '12', '13', 'SHUTDOWN COMPLETE'],
];

const offset = (b: Uint8Array) =>
  get16(b, 12) === 0x0800 && b[23] === 132 ? 34 : get16(b, 12) === 0x86dd && b[20] === 132 ? 54 : 0;

/** `> INIT`, `< INIT ACK`, … at a place. */
function dialogue({frames}: Lab, place: string): string[] {
  return frames.flatMap(({at, bytes}) => {
    const o = offset(bytes);
    if (o === 0 || !at.startsWith(place)) return [];
    expect(verifyL4Checksum(bytes, 14, bytes.length)).toBe(true);
    const chunks = [...sctpChunks(bytes, o, bytes.length)].map(({type}) => names[type]).join(' + ');
    return [`${at.endsWith('out') ? '>' : '<'} ${chunks}`];
  });
}

const whole = [
  ...['> INIT', '< INIT ACK', '> COOKIE ECHO', '< COOKIE ACK', '> DATA', '< SACK', '< DATA', '> SACK'],
  ...['> SHUTDOWN', '< SHUTDOWN ACK', '> SHUTDOWN COMPLETE'],
];

describe('an association', () => {
  it('is set up, carries a message there and back, and is shut down', () => {
    const lab = runLab(cluster(), ['a -> b:7777/sctp data=hello']);
    expect(dialogue(lab, 'default/a eth0')).toEqual(whole);
    expect(lab.result.apps[0]).toMatchObject({sent: 1, established: 1, replies: 1});
    expect(lab.apps.find(({kind}) => kind === 'reply')?.bytes).toBe(5);
  });

  it.each([1, 1391, 1392, 1393, 4000, 65_507])('carries %i bytes', (size) => {
    const lab = runLab(cluster(), [`a -> b:7777/sctp size=${size}`]);
    expect(lab.apps.find(({kind}) => kind === 'reply')?.bytes).toBe(size);
    dialogue(lab, 'default/a eth0');
  });

  it('is kept for all messages with keep', () => {
    const lab = runLab(cluster(), ['a -> b:7777/sctp keep x4 every=1s']);
    const seen = dialogue(lab, 'default/a eth0');
    expect(seen.filter((line) => line === '> INIT')).toHaveLength(1);
    expect(seen.filter((line) => line.includes('> DATA') || line.includes('> SACK + DATA'))).toHaveLength(4);
    expect(seen.at(-1)).toBe('> SHUTDOWN COMPLETE');
    expect(lab.result.apps[0]).toMatchObject({sent: 4, established: 1, replies: 4});
  });

  it('works over IPv6', () => {
    const lab = runLab(cluster({podCIDR: 'fd00:10::/48', serviceCIDR: 'fd00:20::/112'}), ['a -> b:7777/sctp']);
    expect(dialogue(lab, 'default/a eth0')).toEqual(whole);
  });

  it('is refused by ABORT where nobody listens', () => {
    const lab = runLab(cluster(), ['a -> b:7778/sctp']);
    expect(dialogue(lab, 'default/a eth0')).toEqual(['> INIT', '< ABORT']);
    expect(lab.result.apps[0]).toMatchObject({refused: 1, replies: 0, errors: ['Connection refused']});
  });

  it('sends INIT again after 3 s, 6 s, 12 s …, and gives up after eight times', () => {
    const lab = runLab(cluster(), ['a -> 10.255.255.254:7777/sctp']);
    const lost = runLab(cluster({cilium: {'enable-sctp': false}}), ['a -> b:7777/sctp']);
    const times = lost.frames
      .filter(({at, bytes}) => at === 'default/a eth0 out' && offset(bytes) > 0)
      .map(({time}) => time);
    const seconds = times.slice(1).map((time, i) => Math.round((time - times[i]!) / 1e9));
    expect(seconds).toEqual([3, 6, 12, 24, 48, 60, 60, 60]);
    expect(lost.result.apps[0]).toMatchObject({timeouts: 1, errors: ['Connection timed out']});
    expect(lab.result.apps[0]?.replies).toBe(1);
  });
});

describe('through a service', () => {
  it('of the same port, by Cilium', () => {
    const lab = runLab(cluster(), ['a -> s:7777/sctp x3']);
    expect(lab.result.apps[0]).toMatchObject({replies: 3});
    dialogue(lab, 'default/b eth0');
  });

  it('of another port is dropped by Cilium: the checksum cannot be mended', () => {
    const lab = runLab(cluster(), ['a -> o:9000/sctp']);
    expect(lab.result.apps[0]).toMatchObject({replies: 0, timeouts: 1});
    expect(lab.events.some((event) => event.kind === 'drop' && event.reason === 154)).toBe(true);
  });

  it.each(['iptables', 'nftables', 'ipvs'])('of another port, by kube-proxy in %s mode', (mode) => {
    const lab = runLab(cluster({profile: 'kube-proxy', kubeProxy: {mode}} as Partial<ClusterSpec>), [
      'a -> o:9000/sctp x2',
    ]);
    expect(lab.result.apps[0]).toMatchObject({replies: 2});
    dialogue(lab, 'default/b eth0');
  });
});
