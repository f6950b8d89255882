import {describe, expect, it} from 'vitest';
import {connectService, peerAddress} from '../../../src/datapath/bpf/socket-lb.js';
import {parseIp} from '../../../src/wire/addr.js';
import {createNode} from './bench.js';

const at = (ip: string, port: number) => ({ip: parseIp(ip)!, port});
const caller = {netns: 1, cookie: 7, ips: [], packet: 0};

describe('socket load balancing', () => {
  it('turns a service address into a backend at connect, and back for the process', () => {
    for (const [service, backend] of [
      ['10.96.0.50', '10.1.2.20'],
      ['fd00:96::50', 'fd00:2::14'],
    ] as const) {
      const {runtime} = createNode({mode: 'geneve', ipv6: true});
      const connected = connectService(runtime, caller, at(service, 80), 6);
      expect(connected).toMatchObject({kind: 'translated', ...at(backend, 8080)});
      expect(peerAddress(runtime, caller, at(backend, 8080), 6)).toMatchObject(at(service, 80));
    }
  });

  it('leaves other addresses alone and refuses services without backends', () => {
    const {runtime} = createNode({mode: 'geneve'});
    expect(connectService(runtime, caller, at('10.1.2.20', 80), 6).kind).toBe('unchanged');
    expect(connectService(runtime, caller, at('10.96.0.50', 81), 6).kind).toBe('unchanged');
    expect(connectService(runtime, caller, at('10.96.0.60', 80), 6)).toMatchObject({
      kind: 'error',
      errno: 'EHOSTUNREACH',
    });
  });
});
