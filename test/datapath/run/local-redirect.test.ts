/** skipRedirectFromBackend of local redirect policies, at the socket and packet by packet (bpf_sock.c, bpf_lxc.c of 17766dc3e65a). */
import {describe, expect, it} from 'vitest';
import {definitionOf} from '../../../src/cluster/demo.js';
import type {LocalRedirectPolicy} from '../../../src/cluster/model.js';
import {resolve} from '../../../src/cluster/resolve.js';
import {formatIp, parseIp} from '../../../src/wire/addr.js';
import {ipv4Destination} from '../../../src/wire/ipv4.js';
import {runLab} from './lab.js';

const META = '169.254.169.254';
const PROXY = '10.32.1.20';

/** Destination of what `from` sends to META:80, where it arrives: at the proxy or outside of the node. */
function destination(from: string, socketLb: boolean, skipFromBackend: boolean): string | undefined {
  const spec = {
    nodes: [{name: 'node1', podCIDR: '10.32.1.0/24'}],
    pods: [
      {name: 'proxy', node: 'node1', ip: PROXY, labels: {app: 'proxy'}, ports: [8081]},
      {name: 'app', node: 'node1', ip: '10.32.1.21'},
    ],
    cilium: {'enable-local-redirect-policy': true, 'bpf-lb-sock': socketLb, 'enable-bpf-masquerade': true},
  };
  const policy: LocalRedirectPolicy = {
    name: 'meta',
    namespace: 'default',
    frontend: {kind: 'address', ip: parseIp(META)!, ports: [{port: 80, protocol: 'TCP'}]},
    pods: [{key: 'app', operator: 'In', values: ['proxy']}],
    to: [{port: 8081, protocol: 'TCP'}],
    skipFromBackend,
  };
  const cluster = resolve({...definitionOf('lrp', 'lrp', spec), redirectPolicies: [policy]});
  const lab = runLab(cluster, [`${from} -> ${META}:80/tcp`]);
  const [frame] = [...lab.at('node1 eth0 out'), ...lab.at('default/proxy eth0 in')].filter((bytes) => bytes[23] === 6);
  return frame && formatIp(ipv4Destination(frame, 14));
}

describe.each([
  ['at the socket', true],
  ['packet by packet', false],
])('skipRedirectFromBackend %s', (_, socketLb) => {
  it('leaves alone what the backend sends, and nothing else', () => {
    expect(destination('proxy', socketLb, true)).toBe(META);
    expect(destination('app', socketLb, true)).toBe(PROXY);
  });

  it('is off unless said: the backend reaches itself', () => {
    expect(destination('proxy', socketLb, false)).not.toBe(META);
    expect(destination('app', socketLb, false)).toBe(PROXY);
  });
});
