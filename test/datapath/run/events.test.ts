/** The cluster changes while traffic runs: what established connections and new ones see. */
import {describe, expect, it} from 'vitest';
import {parseEvent} from '../../../src/cluster/events.js';
import type {Cluster} from '../../../src/cluster/model.js';
import type {ClusterSpec} from '../../../src/cluster/spec.js';
import {planStages} from '../../../src/cluster/timeline.js';
import {parseTraffic} from '../../../src/cluster/traffic.js';
import {type ControlPlane, createControl} from '../../../src/control/control.js';
import type {AppEvent, CapturePoint, DatapathEvent} from '../../../src/datapath/model.js';
import {capturePoints, simulate} from '../../../src/datapath/run/simulate.js';
import {formatIp, formatIpPort} from '../../../src/wire/addr.js';
import {demo} from './lab.js';

function play(lines: readonly string[], happenings: readonly string[], changes: Partial<ClusterSpec> = {}, seed = 1) {
  return playOn(demo(changes), lines, happenings, seed);
}

function timed(cluster: Cluster, happenings: readonly string[]) {
  const control = createControl(cluster);
  let before: ControlPlane = control;
  const later = planStages(cluster, happenings.map(parseEvent)).map((stage) => {
    before = createControl(stage.cluster, before);
    return {at: stage.at, text: stage.text, control: before};
  });
  return {...control, later};
}

function playOn(cluster: Cluster, lines: readonly string[], happenings: readonly string[], seed: number) {
  const control = timed(cluster, happenings);
  const events: DatapathEvent[] = [];
  const apps: AppEvent[] = [];
  const places = new Map<number, CapturePoint>();
  const result = simulate({
    control,
    traffic: lines.map((line) => parseTraffic(line, cluster)),
    seed,
    observers: [
      {
        frame: (point) => void places.set(point.index, point),
        event: (event) => void events.push('frame' in event ? {...event, frame: event.frame.slice()} : event),
        app: (event) => void apps.push(event),
      },
    ],
  });
  const drops = events.flatMap((e) => (e.kind === 'drop' ? [e.reason] : []));
  const lost = events.flatMap((e) => (e.kind === 'kernel' && e.action === 'discard' ? [e.text] : []));
  const chosen = (from = 0) =>
    events.flatMap((e) =>
      e.kind === 'translate' && e.direction === 'forward' && e.time >= from && e.cause !== 'conntrack'
        ? [formatIpPort(e.to.ip, e.to.port)]
        : [],
    );
  return {control, result, events, apps, drops, lost, chosen, places, line: result.apps[0]!};
}

const at = (apps: readonly AppEvent[], kind: AppEvent['kind']) =>
  apps.filter((app) => app.kind === kind).map((app) => Math.round(app.time / 1e8) / 10);

describe('a pod that is made anew', () => {
  it('takes its connections with it: a peer that knows its address sends into nothing', () => {
    const {line, drops, apps} = play(['pod-a -> pod-b:8080/tcp keep x4 every=1s'], ['at=1.5s restart pod-b']);
    expect([line.established, line.replies, line.timeouts]).toEqual([1, 2, 1]);
    expect(drops.length).toBeGreaterThan(5);
    // 15 retransmissions, at most 120 s apart (tcp_retries2)
    expect(at(apps, 'timeout')[0]).toBeGreaterThan(600);
  });

  it('through a service the next packet goes to another pod, which knows no such connection', () => {
    const {line, chosen} = play(['pod-a -> my-svc:80/tcp keep x6 every=1s'], ['at=2.5s restart pod-b ip=10.32.2.77']);
    expect(line.errors).toEqual(['Connection reset by peer']);
    expect([line.established, line.replies]).toEqual([2, 5]);
    expect(chosen()[0]).toBe('10.32.2.20:8080');
    expect(chosen(2.5e9)).not.toContain('10.32.2.20:8080');
  });

  it('is found at its new address by whoever asks later', () => {
    const {line} = play(['pod-a -> pod-b/icmp at=3s x2'], ['at=1s restart pod-b']);
    expect(line.replies).toBe(2);
    expect(formatIp(line.target!.ip)).not.toBe('10.32.2.20');
  });

  it('goes on sending from its new address', () => {
    const {line, apps} = play(['pod-a -> my-svc:80/http x5 every=1s'], ['at=2.5s restart pod-a ip=10.32.1.99']);
    expect([line.sent, line.replies]).toEqual([5, 5]);
    expect(at(apps, 'connected')).toHaveLength(5);
  });

  it('may move to another node: an address of that node, a capture point of its own', () => {
    const {line, control, places} = play(['pod-a -> pod-b/icmp at=3s x2'], ['at=1s move pod-b node3']);
    expect(line.replies).toBe(2);
    expect(formatIp(line.target!.ip)).toMatch(/^10\.32\.3\./);
    const points = capturePoints(control);
    expect(points.map(({index}) => index)).toEqual(points.map((_, i) => i));
    expect(points.at(-1)).toMatchObject({node: 'node3'});
    for (const [index, point] of places) expect(points[index]).toEqual(point);
    expect([...places.values()].some(({pod, node}) => pod === 'default/pod-b' && node === 'node3')).toBe(true);
  });
});

describe('backends', () => {
  const line = 'pod-a -> my-svc:80/tcp keep x6 every=1s';
  const other = 'pod-a -> my-svc:80/http at=3s every=10ms x20';

  it('a failing readiness probe leaves what is open alone; new connections go elsewhere', () => {
    const {result, chosen, line: kept} = play([line, other], ['at=2.5s unready pod-b']);
    expect([kept.established, kept.replies, kept.errors]).toEqual([1, 6, []]);
    expect(result.apps[1]!.replies).toBe(20);
    expect(new Set(chosen(2.5e9))).toEqual(new Set(['10.32.3.30:8080']));
  });

  it('and the pod is used again when it succeeds', () => {
    const {chosen} = play([other], ['at=1s unready pod-b', 'at=3.1s ready pod-b']);
    expect(new Set(chosen().slice(0, 9))).toEqual(new Set(['10.32.3.30:8080']));
    expect(new Set(chosen(3.1e9))).toEqual(new Set(['10.32.2.20:8080', '10.32.3.30:8080']));
  });

  it('a terminating one serves what is open until its grace period ends', () => {
    const {line: kept, apps} = play([line], ['at=1.5s delete pod-b grace=3s']);
    expect(at(apps, 'reply').slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(kept.errors).toEqual(['Connection reset by peer']);
  });

  it('scaling makes pods that take their share, and takes the last ones away', () => {
    const web: Partial<ClusterSpec> = {
      pods: [{name: 'web', replicas: 1, labels: {app: 'web'}, ports: [80]}],
      services: [{name: 'web', selector: {app: 'web'}, ports: [80]}],
    };
    const up = play(['pod-a -> web:80/http x40 every=100ms'], ['at=2s scale web 4'], web);
    expect(new Set(up.chosen(2e9)).size).toBe(4);
    expect(up.line.replies).toBe(40);
    const down = play(
      ['pod-a -> web:80/http at=1s every=100ms x20'],
      ['at=100ms scale web 3', 'at=500ms scale web 1 grace=0s'],
      web,
    );
    expect(new Set(down.chosen()).size).toBe(1);
  });

  it('affinity keeps a client until its backend leaves', () => {
    const services: ClusterSpec['services'] = [
      {name: 'sticky', selector: {app: 'my-svc'}, ports: ['80:8080'], sessionAffinity: 'ClientIP'},
    ];
    const {chosen} = play(
      ['pod-a -> sticky:80/http x20 every=100ms'],
      ['at=1s unready pod-b', 'at=1s unready pod-c', 'at=1.05s ready pod-c', 'at=1.5s ready pod-b'],
      {services},
    );
    expect(new Set(chosen().slice(0, 10)).size).toBe(1);
    expect(new Set(chosen(1.06e9))).toEqual(new Set(['10.32.3.30:8080']));
  });
});

describe('nodes and the network', () => {
  it('a node without power is silent; its pods leave the services when the control plane notices', () => {
    const {line, lost, chosen} = play(['pod-a -> my-svc:80/http every=1s x80'], ['at=10s down node2']);
    expect(lost.filter((text) => text.includes('node2 has no power')).length).toBeGreaterThan(10);
    expect(new Set(chosen(10e9)).has('10.32.2.20:8080')).toBe(true);
    expect(new Set(chosen(61e9))).toEqual(new Set(['10.32.3.30:8080']));
    // those that had got the silent backend try again until its entry is no longer served by it
    expect(line.rtt.max).toBeGreaterThan(10e9);
  });

  it('one that boots again has empty maps and pods at new addresses', () => {
    const {result, control, line} = play(['pod-a -> pod-b/icmp at=5s x2'], ['at=1s down node2', 'at=3s up node2']);
    expect(line.replies).toBe(2);
    const pod = control.later.at(-1)!.control.cluster.pods.find((p) => p.name === 'pod-b')!;
    expect(formatIp(pod.ips[0]!)).not.toBe('10.32.2.20');
    expect(pod.ready).toBe(true);
    expect([...result.runtime('node2').ct.entries()].every((e) => e.lifetime >= 1005)).toBe(true);
  });

  it('a lossy link loses its share', () => {
    const {line, lost: gone} = play(
      ['pod-a -> pod-b:8080/udp x2000 every=1ms'],
      ['at=1s loss 10% node2', 'at=2s loss 0 node2'],
    );
    // 1000 questions and 900 answers cross it: 19% of 1000 messages come to nothing
    const lost = gone.filter((text) => text.includes('lost on the wire'));
    expect(lost.length).toBeGreaterThan(140);
    expect(lost.length).toBeLessThan(240);
    expect(line.replies).toBe(2000 - lost.length);
  });

  it('a path that carries less fragments tunnel packets; a smaller device tells its pods', () => {
    const {events, line} = play(['pod-a -> pod-b/icmp x4 size=1400 every=1s'], ['at=1.5s mtu 1400']);
    expect(line.replies).toBeGreaterThanOrEqual(2);
    expect(events.some((e) => e.kind === 'control' && e.time === 1.5e9)).toBe(true);
    const small = play(['pod-a -> pod-b/icmp x4 size=1400 every=1s'], ['at=1.5s mtu 1300 node1']);
    expect(small.line.errors.length + small.line.replies).toBeGreaterThan(0);
  });

  it('kube-proxy: rules follow, connections stay tracked', () => {
    const {line} = play(['pod-a -> my-svc:80/tcp keep x6 every=1s'], ['at=2.5s restart pod-b'], {
      profile: 'kube-proxy',
    });
    expect(line.established).toBeGreaterThanOrEqual(1);
    const direct = play(['pod-a -> my-svc:80/http at=3s x20 every=10ms'], ['at=1s delete pod-b grace=0s'], {
      profile: 'kube-proxy',
    });
    expect(direct.line.replies).toBe(20);
  });

  it('the same seed gives the same run', () => {
    const once = () => {
      const {apps, events} = play(
        ['pod-a -> my-svc:80/http x50 every=50ms'],
        ['at=1s loss 20%', 'at=1.5s restart pod-c'],
        {},
        7,
      );
      return JSON.stringify([apps, events.length]);
    };
    expect(once()).toBe(once());
  });
});

describe('lines of events', () => {
  const refused = (line: string) => {
    try {
      planStages(demo(), [parseEvent(line)]);
    } catch (error) {
      return (error as Error).message;
    }
    return 'taken';
  };

  it.each([
    ['restart pod-b', 'expected at=TIME first'],
    ['at=2 restart pod-b', 'expected at=TIME first'],
    ['at=2s', 'no verb'],
    ['at=2s rstart pod-b', 'unknown verb "rstart"'],
    ['at=2s __proto__ pod-b', 'unknown verb'],
    ['at=2s restart', 'a word is missing'],
    ['at=2s restart pod-b pod-c', 'unexpected "pod-c"'],
    ['at=2s restart pod-b grace=3s', 'unexpected grace='],
    ['at=2s restart pod-x', 'no pod pod-x'],
    ['at=2s restart pod-b ip=10.32.3.30', 'taken by pod default/pod-c'],
    ['at=2s restart pod-b ip=nonsense', 'expected an address'],
    ['at=2s move pod-b node9', 'no node node9'],
    ['at=2s scale nothing 3', 'no pods of a workload nothing'],
    ['at=2s scale my-svc 10001', 'expected a whole number'],
    ['at=2s loss 101%', 'expected a percentage'],
    ['at=2s mtu 100', 'expected a whole number'],
    ['at=2s nsg deny sideways', 'expected Inbound or Outbound'],
    ['at=2s nsg deny inbound port=9-3', '9-3 is empty'],
    ['at=2s remove nobody', 'no policy nobody'],
  ])('%s is refused', (line, message) => {
    expect(refused(line)).toContain(message);
  });

  it('a security rule that appears lets known flows go on and stops new ones', () => {
    const {result} = play(
      ['pod-a -> pod-b:8080/tcp keep x6 every=1s', 'pod-a -> pod-b:8080/http at=3s'],
      ['at=2.5s nsg deny inbound protocol=Udp port=6081'],
    );
    expect(result.apps[0]!.replies).toBe(6);
    expect(result.apps[1]!.established).toBe(0);
  });

  it('what is gone cannot change any more', () => {
    const plan = () => planStages(demo(), ['at=1s delete pod-b grace=1s', 'at=3s restart pod-b'].map(parseEvent));
    expect(plan).toThrow('no pod pod-b at that time');
    const again = planStages(demo(), ['at=1s delete pod-b grace=5s', 'at=3s restart pod-b'].map(parseEvent));
    expect(again.map(({at}) => at)).toEqual([1e9, 3e9]);
  });
});
