/** TCP, DNS, HTTP and services end to end. */
import {describe, expect, it} from 'vitest';
import {formatIp} from '../../../src/wire/addr.js';
import {get16, toHex} from '../../../src/wire/bytes.js';
import {decodeDns} from '../../../src/wire/dns.js';
import {ipv6FlowLabel} from '../../../src/wire/ipv6.js';
import {tcpFlags, tcpOptions, tcpSequence, tcpWindow} from '../../../src/wire/tcp.js';
import {expectFrame} from '../../wire/expect-frame.js';
import {demo, dualStack, type Lab, pair, runLab} from './lab.js';

const tcpOf = (b: Uint8Array) =>
  get16(b, 12) === 0x0800 && b[23] === 6 ? 34 : get16(b, 12) === 0x86dd && b[20] === 6 ? 54 : 0;
const segments = (lab: Lab, place: string) => lab.frames.filter((f) => f.at === place && tcpOf(f.bytes) > 0);
const flagsOf = (lab: Lab, place: string) =>
  segments(lab, place).map((f) =>
    'FSRPA'
      .split('')
      .filter((_, i) => tcpFlags(f.bytes, tcpOf(f.bytes)) & (1 << i))
      .join(''),
  );

describe('TCP', () => {
  const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b:8080/tcp size=4000']);

  it('opens as Linux does', () => {
    const [syn] = segments(lab, 'default/pod-a eth0 out');
    const o = tcpOf(syn!.bytes);
    expect([...tcpOptions(syn!.bytes, o)].map((option) => option.kind)).toEqual([
      'mss',
      'sackOK',
      'timestamps',
      'nop',
      'wscale',
    ]);
    expect([...tcpOptions(syn!.bytes, o)]).toMatchObject([{mss: 1410}, {}, {echo: 0}, {}, {shift: 7}]);
    expect(tcpWindow(syn!.bytes, o)).toBe(64860);
    const [answer] = segments(lab, 'default/pod-a eth0 in');
    expect(tcpWindow(answer!.bytes, o)).toBe(64308);
    expect(get16(answer!.bytes, 18)).toBe(0);
  });

  it('cuts data at the segment size, PSH on the last, and closes with FIN', () => {
    const data = segments(lab, 'default/pod-a eth0 out').filter((f) => f.bytes.length > 66);
    expect(data.slice(1).map((f) => f.bytes.length - 66)).toEqual([1398, 1398, 1204]);
    expect(flagsOf(lab, 'default/pod-a eth0 out').slice(0, 5)).toEqual(['S', 'A', 'A', 'A', 'PA']);
    expect(flagsOf(lab, 'default/pod-a eth0 out')).toContain('FA');
    expect(flagsOf(lab, 'default/pod-a eth0 in')).toContain('FA');
    expect(lab.result.apps[0]).toMatchObject({established: 1, replies: 1});
  });

  it('answers a closed port with a reset of its own kind', () => {
    const closed = runLab(demo({traffic: []}), ['pod-a -> pod-b:9/tcp']);
    const [reset] = segments(closed, 'default/pod-b eth0 out');
    expect(toHex(reset!.bytes, 18, 22)).toBe('00004000');
    expectFrame(reset!.bytes).ethernet().ipv4({ttl: 64}).tcp({flags: 0x14, window: 0, seq: 0});
    expect(closed.result.apps[0]).toMatchObject({refused: 1, errors: ['Connection refused']});
  });

  it('sends a lost SYN again after 1, 2, 4 … s and gives up', () => {
    const lost = runLab(demo({traffic: []}), ['pod-a -> 10.32.2.99:80/tcp']);
    const syns = segments(lost, 'default/pod-a eth0 out');
    const start = syns[0]!.time;
    expect(syns.map((f) => Math.round((f.time - start) / 1e9))).toEqual([0, 1, 3, 7, 15, 31, 63]);
    expect(new Set(syns.map((f) => tcpSequence(f.bytes, 34))).size).toBe(1);
    expect(lost.apps.at(-1)).toMatchObject({kind: 'timeout', time: 127e9});
  });

  it('moves more than its windows hold, both ways', () => {
    const big = runLab(demo({traffic: []}), ['pod-a -> pod-b:8080/tcp size=65507 x3 every=0s']);
    expect(big.result.apps[0]).toMatchObject({replies: 3, established: 3});
  });

  it('ports of the namespace are not used twice', () => {
    const many = runLab(demo({traffic: []}), ['pod-a -> my-svc:80/tcp x40 every=0s']);
    const ports = segments(many, 'default/pod-a eth0 out')
      .filter((f) => tcpFlags(f.bytes, 34) === 2)
      .map((f) => get16(f.bytes, 34));
    expect(new Set(ports).size).toBe(40);
  });
});

describe('services', () => {
  it('per packet: the pod sees the VIP, the wire the backend', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> my-svc:80/http x8 every=0s']);
    const [syn] = segments(lab, 'default/pod-a eth0 out');
    expectFrame(syn!.bytes).ethernet().ipv4({dst: '10.96.10.50'}).tcp({dstPort: 80});
    const backends = new Set(segments(lab, 'node1 cilium_geneve out').map((f) => formatIp(get32(f.bytes, 30))));
    expect([...backends].sort()).toEqual(['10.32.2.20', '10.32.3.30']);
    for (const f of segments(lab, 'default/pod-a eth0 in')) expectFrame(f.bytes).ethernet().ipv4({src: '10.96.10.50'});
    expect(lab.result.apps[0]!.replies).toBe(8);
  });

  it('by socket LB: no VIP anywhere', () => {
    const lab = runLab(demo({traffic: [], cilium: {'bpf-lb-sock': true}}), [
      'pod-a -> my-svc:80/http',
      'node/node1 -> my-svc:80/http',
    ]);
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1]);
    expect(lab.frames.some((f) => toHex(f.bytes).includes('0a600a32'))).toBe(false);
  });

  const empty = {name: 'empty', clusterIP: '10.96.10.60', selector: {app: 'none'}, ports: ['80:8080']} as const;

  it('without backends: refused by ICMP from the VIP', () => {
    const lab = runLab(demo({traffic: [], services: [empty]}), ['pod-a -> empty:80/tcp', 'pod-a -> empty:80/udp']);
    expect(lab.result.apps[0]).toMatchObject({refused: 1});
    const [error] = lab.at('default/pod-a eth0 in').filter((b) => b[23] === 1);
    expectFrame(error!).ethernet().ipv4({src: '10.96.10.60', ttl: 64}).icmp({type: 3, code: 3});
  });

  it('without backends under socket LB: no route to host, no packet', () => {
    const lab = runLab(demo({traffic: [], services: [empty], cilium: {'bpf-lb-sock': true}}), [
      'pod-a -> empty:80/tcp',
    ]);
    expect(lab.result.apps[0]).toMatchObject({unreachable: 1, errors: ['No route to host']});
    expect(lab.frames).toEqual([]);
  });

  it('NodePort from outside through another node: SNAT to the router address', () => {
    const lab = runLab(pair(), ['203.0.113.9 -> node/node1:30080/tcp']);
    const router = formatIp(lab.cluster.nodes[0]!.routerIps[0]!);
    expectFrame(segments(lab, 'node1 cilium_geneve out')[0]!.bytes)
      .ethernet()
      .ipv4({src: router, ttl: 54})
      .tcp({dstPort: 8080});
    const [answer] = segments(lab, 'node1 eth0 out');
    expectFrame(answer!.bytes).ethernet().ipv4({src: '10.0.0.5', dst: '203.0.113.9'}).tcp({srcPort: 30080});
  });

  it('kube-proxy: DNAT in the host, masqueraded from outside', () => {
    const lab = runLab(pair({profile: 'kube-proxy', cilium: {}}), [
      'a -> s:80/tcp',
      '203.0.113.9 -> node/node1:30080/tcp at=1s',
    ]);
    const [pod] = segments(lab, 'node1 eth0 out');
    expectFrame(pod!.bytes).ethernet().ipv4({src: '10.244.0.2', dst: '10.244.1.2', ttl: 63}).tcp({dstPort: 8080});
    const outside = segments(lab, 'node1 eth0 out').filter((f) => f.time > 1e9);
    expectFrame(outside[0]!.bytes).ethernet().ipv4({src: '10.0.0.5', dst: '10.244.1.2'}).tcp({dstPort: 8080});
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1]);
  });

  it('kube-proxy: no endpoints is refused, another port is no service', () => {
    const cluster = pair({profile: 'kube-proxy', cilium: {}, services: [empty]});
    const lab = runLab(cluster, ['a -> empty:80/tcp', 'a -> empty:81/tcp at=1s']);
    expect(lab.result.apps[0]).toMatchObject({refused: 1});
    expect(lab.result.apps[1]).toMatchObject({refused: 0, timeouts: 1});
  });
});

function get32(b: Uint8Array, o: number): number {
  return get16(b, o) * 65536 + get16(b, o + 2);
}

describe('DNS and HTTP', () => {
  const answers = (lab: Lab, place = 'default/pod-a eth0 in') =>
    lab
      .at(place)
      .filter((b) => b[23] === 17 && get16(b, 34) === 53)
      .map((b) => {
        const decoded = decodeDns(b.slice(42), 0, b.length - 42);
        if (!decoded.ok) throw new Error('no DNS message');
        return decoded.message;
      });
  const texts = (line: string) => {
    const lab = runLab(demo({traffic: []}), [line]);
    return lab.apps.find((e) => e.kind === 'reply')?.text;
  };

  it('a name is asked for A and AAAA, then spoken to', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> my-svc.default.svc.cluster.local:80/http']);
    const [a, aaaa] = answers(lab);
    expect(a).toMatchObject({flags: 0x8500, answers: [{ttl: 30, data: {kind: 'A'}}]});
    expect(aaaa).toMatchObject({
      flags: 0x8500,
      answers: [],
      authorities: [{name: 'cluster.local.', data: {kind: 'SOA'}}],
    });
    expect(lab.apps.find((e) => e.kind === 'reply')).toMatchObject({text: 'HTTP/1.1 200 OK'});
    const request = segments(lab, 'default/pod-a eth0 out').find((f) => f.bytes.length > 100)!;
    expect(new TextDecoder().decode(request.bytes.slice(66))).toBe(
      'GET / HTTP/1.1\r\nHost: my-svc.default.svc.cluster.local\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n',
    );
  });

  it.each([
    ['pod-a -> my-svc/dns', 'NOERROR 10.96.10.50'],
    ['pod-a -> pod-b/dns', 'NOERROR 10.32.2.20'],
    ['pod-a -> kube-dns/dns', 'NOERROR 10.96.0.1'],
    ['pod-a -> kube-dns/dns data="nope.default.svc.cluster.local"', 'NXDOMAIN'],
    ['pod-a -> kube-dns/dns data="50.10.96.10.in-addr.arpa PTR"', 'NOERROR my-svc.default.svc.cluster.local.'],
    [
      'pod-a -> kube-dns/dns data="_dns._udp.kube-dns.kube-system.svc.cluster.local SRV"',
      'NOERROR 0 100 53 kube-dns.kube-system.svc.cluster.local.',
    ],
    ['pod-a -> www.example.com/dns', 'SERVFAIL'],
  ])('%s: %s', (line, want) => expect(texts(line)).toBe(want));

  it('the answer names the pod and has the size asked for', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b:8080/http', 'pod-a -> pod-b:8080/http size=3000 at=1s']);
    const body = segments(lab, 'default/pod-b eth0 out').find((f) => f.bytes.length > 100)!;
    expect(new TextDecoder().decode(body.bytes.slice(66))).toContain('\r\n\r\nHello from default/pod-b on node2\n');
    expect(lab.apps.filter((e) => e.kind === 'reply').map((e) => e.bytes! > 3000)).toEqual([false, true]);
  });
});

describe('IPv6', () => {
  const lab = runLab(pair(dualStack), ['a -> [fd00:32:0:1::3]:8080/tcp', 'a -> [fd00:32:0:1::3]/icmp']);

  it('runs over the IPv4 underlay with its own segment size', () => {
    expect(lab.result.apps.map((app) => app.replies)).toEqual([1, 1]);
    const [syn] = segments(lab, 'default/a eth0 out');
    expect([...tcpOptions(syn!.bytes, 54)][0]).toMatchObject({mss: 1390});
    expect(ipv6FlowLabel(syn!.bytes, 14)).not.toBe(0);
    const outer = lab.at('node1 eth0 out').filter((b) => b[23] === 17);
    expectFrame(outer[0]!).ethernet().ipv4({src: '10.0.0.5'}).udp({dstPort: 6081}).geneve().inner().ipv6();
  });

  it('solicits its gateway by multicast', () => {
    const [solicitation] = lab.at('default/a eth0 out');
    expectFrame(solicitation!).ethernet({dst: '33:33:ff:00:00:01'}).ipv6({dst: 'ff02::1:ff00:1'}).icmpv6({type: 135});
  });
});
