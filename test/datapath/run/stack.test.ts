/** What the stacks around the programs do: neighbours, TTL, MTU, ICMP. */
import {describe, expect, it} from 'vitest';
import {parseTraffic} from '../../../src/cluster/traffic.js';
import {get16} from '../../../src/wire/bytes.js';
import {ipv4DontFragment, ipv4Ttl} from '../../../src/wire/ipv4.js';
import {expectFrame} from '../../wire/expect-frame.js';
import {demo, idleRun, pair, runLab} from './lab.js';

const isIp = (b: Uint8Array) => get16(b, 12) !== 0x0806;

describe('ping over Geneve', () => {
  const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b/icmp x2']);

  it('asks for the gateway once, on the pod, and the program answers', () => {
    const arp = lab.at('default/pod-a eth0 out').filter((b) => !isIp(b));
    expect(arp).toHaveLength(1);
    expectFrame(arp[0]!).ethernet({dst: 'ff:ff:ff:ff:ff:ff'}).arp({operation: 1, targetIp: '10.32.1.1'});
    const answers = lab.at('default/pod-a eth0 in').filter((b) => !isIp(b));
    expectFrame(answers[0]!).ethernet().arp({operation: 2, senderIp: '10.32.1.1'});
  });

  it('asks for the other node once, on the underlay', () => {
    const arp = lab.at('node1 eth0 out').filter((b) => !isIp(b));
    expect(arp).toHaveLength(1);
    expectFrame(arp[0]!).ethernet().arp({operation: 1, senderIp: '10.0.0.5', targetIp: '10.0.0.6'});
    expect(lab.at('node3 eth0 in')).toHaveLength(1);
  });

  it('passes the taps in the order of a kernel', () => {
    const first = lab.frames.filter((f) => f.packet === lab.frames.find((x) => isIp(x.bytes))!.packet);
    const device = (pod: string) => lab.cluster.pods.find((p) => p.name === pod)!.device;
    expect(first.map((f) => f.at)).toEqual([
      'default/pod-a eth0 out',
      `node1 ${device('pod-a')} in`,
      'node1 cilium_geneve out',
      'node1 eth0 out',
      'node2 eth0 in',
      'node2 cilium_geneve in',
      'default/pod-b eth0 in',
    ]);
  });

  it('takes the TTL down only where the packet arrives', () => {
    const ttls = (place: string) =>
      lab
        .at(place)
        .filter(isIp)
        .map((b) => ipv4Ttl(b, 14));
    expect(ttls('default/pod-a eth0 out')).toEqual([64, 64]);
    expect(ttls('node1 cilium_geneve out')).toEqual([64, 64]);
    expect(ttls('default/pod-b eth0 in')).toEqual([63, 63]);
    expect(lab.apps.filter((e) => e.kind === 'reply').map((e) => e.ttl)).toEqual([63, 63]);
  });

  it('sends what ping sends', () => {
    const [request] = lab.at('default/pod-a eth0 out').filter(isIp);
    expectFrame(request!).ethernet().ipv4({ttl: 64}).icmp({type: 8, code: 0, seq: 1});
    expect(request!.length).toBe(98);
    expect(ipv4DontFragment(request!, 14)).toBe(true);
    expect([...request!.slice(58, 62)]).toEqual([16, 17, 18, 19]);
    const [reply] = lab.at('default/pod-a eth0 in').filter(isIp);
    expect(ipv4DontFragment(reply!, 14)).toBe(false);
  });
});

describe('TTL', () => {
  it('is 62 natively, after both nodes', () => {
    const lab = runLab(
      pair({podCIDR: '10.244.0.0/16', cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}}),
      ['a -> b/icmp'],
    );
    expect(lab.apps.find((e) => e.kind === 'reply')!.ttl).toBe(62);
  });

  it('is 55 from the world', () => {
    const lab = runLab(pair(), ['node/node1 -> 198.51.100.7/icmp']);
    expect(lab.apps.find((e) => e.kind === 'reply')!.ttl).toBe(55);
  });

  it('that runs out in the kernel draws time exceeded', () => {
    const cluster = pair({profile: 'kube-proxy', cilium: {}});
    const live = idleRun(cluster);
    live.inject({...parseTraffic('a -> b/icmp', cluster), ttl: 1});
    live.advance();
    const [app] = live.result().apps;
    expect(app!.unreachable).toBe(1);
    expect(app!.errors).toEqual(['ICMP type 11 code 0']);
  });
});

describe('MTU', () => {
  const wide = ['node1', 'node2'].map((name) => ({name, mtu: 1500}));

  it('a pod fragments at its route MTU', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b:8080/udp size=1423']);
    const sent = lab.at('default/pod-a eth0 out').filter(isIp);
    expect(sent.map((b) => b.length - 14)).toEqual([1444, 27]);
    expect(sent.map((b) => ipv4DontFragment(b, 14))).toEqual([false, false]);
    expect(
      lab
        .at('node1 eth0 out')
        .filter(isIp)
        .map((b) => b.length - 14),
    ).toEqual([1494, 77]);
    expect(lab.result.apps[0]!.replies).toBe(1);
  });

  it('1422 bytes of UDP fit', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b:8080/udp size=1422']);
    const [sent, ...more] = lab.at('default/pod-a eth0 out').filter(isIp);
    expect(more).toEqual([]);
    expect(ipv4DontFragment(sent!, 14)).toBe(true);
    expect(lab.at('node1 eth0 out').filter(isIp)[0]!.length - 14).toBe(1500);
  });

  it('a smaller path natively: frag needed, and TCP goes on in smaller segments', () => {
    const spec = {
      podCIDR: '10.244.0.0/16',
      nodes: wide,
      underlay: {mtu: 1400},
      cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true},
    };
    const lab = runLab(pair(spec), ['a -> b:8080/tcp size=5000']);
    expect(lab.result.apps[0]!.replies).toBe(1);
    const errors = lab.at('default/a eth0 in').filter((b) => b[23] === 1);
    expectFrame(errors[0]!).ethernet().ipv4({src: '10.0.0.1'}).icmp({type: 3, code: 4, mtu: 1400});
    const after = lab.frames.filter((f) => f.at === 'node1 eth0 out' && isIp(f.bytes) && f.bytes.length > 1300);
    expect(after.at(-1)!.bytes.length - 14).toBe(1400);
  });

  it('a smaller path under a tunnel: the underlay fragments', () => {
    const lab = runLab(pair({nodes: wide, underlay: {mtu: 1400}}), ['a -> b:8080/tcp size=5000']);
    expect(lab.result.apps[0]!.replies).toBe(1);
    expect(lab.at('node1 eth0 out').some((b) => b.length > 1414)).toBe(true);
    expect(lab.at('node2 eth0 in').every((b) => b.length <= 1414)).toBe(true);
  });
});

describe('errors', () => {
  it('a closed UDP port draws port unreachable, six at once and then one a second', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> pod-b:9/udp x20 every=1ms']);
    const errors = lab.at('default/pod-a eth0 in').filter((b) => isIp(b) && b[23] === 1);
    expect(errors).toHaveLength(6);
    expectFrame(errors[0]!).ethernet().ipv4({src: '10.32.2.20', tos: 0xc0, ttl: 63}).icmp({type: 3, code: 3});
    expect(lab.result.apps[0]!.refused).toBe(6);
  });

  it('a neighbour that does not answer: three requests, then host unreachable', () => {
    const lab = runLab(demo({traffic: []}), ['node/node1 -> 10.0.0.99/icmp']);
    const asked = lab.frames.filter((f) => f.at === 'node1 eth0 out');
    expect(asked.map((f) => f.time / 1e9)).toEqual([0, 1, 2]);
    expect(lab.apps.find((e) => e.kind === 'unreachable')).toMatchObject({time: 3e9 + 5000, icmp: {type: 3, code: 1}});
    expect(lab.at('node1 lo in')).toHaveLength(1);
  });

  it('nothing answers a ping to a ClusterIP, and the gateway drops it', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> my-svc/icmp']);
    expect(lab.result.apps[0]).toMatchObject({replies: 0, timeouts: 1});
    expectFrame(lab.at('node1 eth0 out').filter(isIp)[0]!)
      .ethernet()
      .ipv4({src: '10.0.0.5', dst: '10.96.10.50', ttl: 63});
    expect(lab.events.some((e) => e.kind === 'kernel' && e.text.includes('no route to service addresses'))).toBe(true);
  });

  it('an unknown pod of this node is dropped with reason 151', () => {
    const lab = runLab(demo({traffic: []}), ['pod-a -> 10.32.1.99/icmp']);
    expect(lab.events.filter((e) => e.kind === 'drop').map((e) => e.kind === 'drop' && e.reason)).toEqual([151]);
  });
});

describe('a live run', () => {
  it('goes on where it stopped', () => {
    const cluster = demo({traffic: []});
    const live = idleRun(cluster);
    live.inject(parseTraffic('pod-a -> pod-b/icmp x3', cluster));
    live.advance(1.5e9);
    expect(live.run.now).toBe(1.5e9);
    expect(live.result().apps[0]!.replies).toBe(2);
    const second = live.inject(parseTraffic('pod-a -> my-svc:80/http', cluster));
    live.advance();
    expect(live.result().apps[0]!.replies).toBe(3);
    expect(live.result().apps[second]!.replies).toBe(1);
  });
});
