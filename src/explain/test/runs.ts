/** What a trace of one packet does not tell: shares of backends, frames at a place, the largest packet. Read from runs of the flow. */
import type {ExpectSpec, FramesSpec} from '../../cluster/expect.js';
import type {TrafficSpec} from '../../cluster/model.js';
import type {Path} from '../../cluster/shape.js';
import type {CapturePoint, Observer} from '../../datapath/model.js';
import {frameFilter} from '../../session/frame-filter.js';
import {decodeLayers, type Layer, type TunnelPorts} from '../../session/layers.js';
import type {Session} from '../../session/session.js';
import {EN10MB} from '../../session/walk.js';
import {type Problem, UserError} from '../../term/error.js';
import {nearest} from '../../term/nearest.js';
import {innermost} from '../trace/frame.js';
import type {Question} from '../trace/peers.js';
import type {Tracer} from '../trace/trace.js';
import type {Finding} from './model.js';
import {percentOf} from './validate.js';

/** Connections of a run by who took them: `default/pod-b`, `node1`, `203.0.113.9`. */
export interface Shares {
  readonly observer: Observer;
  readonly taken: ReadonlyMap<string, number>;
}

/** Counts the first packet of each connection where it is delivered. */
export function countShares({to, port}: TrafficSpec, ports: TunnelPorts): Shares {
  const taken = new Map<string, number>();
  const opening = new Set<number>();
  const known = new Set<number>();
  const seen = new Set<string>();
  const serving = new Set(to.kind === 'service' ? [port, ...to.service.backends.map((one) => one.port)] : [port]);
  return {
    taken,
    observer: {
      broadcasts: false,
      frame(_point, _time, _direction, bytes, start, end, packet) {
        if (known.has(packet)) return;
        known.add(packet);
        const found = innermost(bytes.slice(start, end), ports);
        if (!found) return;
        const {protocol, detail, source, sourcePort, destinationPort} = found;
        const opens =
          protocol === 'TCP'
            ? detail.includes('SYN') && !detail.includes('ACK')
            : protocol.startsWith('ICMP')
              ? detail.startsWith('type 8 ') || detail.startsWith('type 128 ')
              : serving.has(destinationPort);
        // of TCP a SYN that is sent again; a message of UDP or ICMP is one of its own
        const key = protocol === 'TCP' ? `${source} ${sourcePort}` : String(packet);
        if (!opens || seen.has(key)) return;
        seen.add(key);
        opening.add(packet);
      },
      step(step) {
        if (step.kind === 'deliver' && opening.delete(step.packet))
          taken.set(step.namespace, (taken.get(step.namespace) ?? 0) + 1);
      },
    },
  };
}

const DEFAULT_TOLERANCE = 5;

export function checkShares({backends, tolerance = DEFAULT_TOLERANCE}: ExpectSpec, {taken}: Shares): Finding[] {
  if (backends === undefined) return [];
  const total = [...taken.values()].reduce((sum, n) => sum + n, 0);
  const listed = [...taken].sort(([a], [b]) => (a < b ? -1 : 1));
  const told = listed.map(([name, n]) => `${name} ${n} (${percent(n, total)} %)`).join(', ');
  const got = total === 0 ? 'nobody took any' : told;
  if (isNames(backends)) {
    const ok =
      total > 0 &&
      listed.every(([name]) => backends.some((one) => isCalled(one, name))) &&
      backends.every((one) => listed.some(([name]) => isCalled(one, name)));
    return [{path: ['backends'], ok, expected: backends.join(', '), got, fix: listed.map(([name]) => name)}];
  }
  const shares = Object.entries(backends).map(([name, share]): Finding => {
    const count = listed.find(([taker]) => isCalled(name, taker))?.[1] ?? 0;
    const wanted = percentOf(share);
    const is = total === 0 ? 0 : (count * 100) / total;
    const exact = percent(count, total);
    return {
      path: ['backends', name],
      ok: total > 0 && Math.abs(is - wanted) <= tolerance,
      expected: `${wanted} % ± ${tolerance}`,
      got,
      fix: typeof share === 'number' ? Number(exact) : `${exact}%`,
    };
  });
  const others = listed.filter(([name]) => !Object.keys(backends).some((one) => isCalled(one, name)));
  const rest = others.reduce((sum, [, n]) => sum + n, 0);
  const sum = Object.values(backends).reduce<number>((all, one) => all + percentOf(one), 0);
  const left = total === 0 ? 0 : (rest * 100) / total;
  if (Math.abs(left - Math.max(0, 100 - sum)) > tolerance && shares.every(({ok}) => ok))
    shares.push({
      path: ['backends'],
      ok: false,
      expected: `${percent(100 - sum, 100)} % by others ± ${tolerance}`,
      got,
    });
  return shares;
}

function percent(n: number, total: number): string {
  return total === 0 ? '0' : String(Math.round((n * 1000) / total) / 10);
}

function isNames(backends: ExpectSpec['backends']): backends is readonly string[] {
  return Array.isArray(backends);
}

function isCalled(name: string, namespace: string): boolean {
  const bare = name.replace(/^(?:pods?|nodes?)\//, '');
  return namespace === bare || namespace === `default/${bare}` || namespace.endsWith(`/${bare}`);
}

/** Frames of a run that one `frames` of an expectation counts. */
export interface FrameCount {
  readonly observer: Observer;
  readonly count: number;
}

/** Throws a UserError for a filter that does not compile, and for a place that is none. */
export function countFrames({filter, at, direction: only}: FramesSpec, session: Session): FrameCount {
  const isThere = capturePlace(at, session);
  const passes = filter === undefined ? () => true : frameFilter(filter, EN10MB, 'filter');
  let count = 0;
  return {
    get count() {
      return count;
    },
    observer: {
      wants: isThere,
      frame(_point, _time, direction, bytes, start, end) {
        if ((only === undefined || direction === only) && passes(bytes.subarray(start, end))) count++;
      },
    },
  };
}

/** `node1:eth0`, `pod-a:eth0`, `default/pod-a:eth0`, `node1:default/pod-a:eth0`. */
function capturePlace(at: string, {cluster, control}: Session): (point: CapturePoint) => boolean {
  const colon = at.lastIndexOf(':');
  const [head, device] = [at.slice(0, colon), at.slice(colon + 1)];
  const wrong = (message: string, hint?: string) =>
    new UserError({message: `at ${JSON.stringify(at)}: ${message}`, ...(hint === undefined ? {} : {hint})});
  if (colon <= 0 || device === '') throw wrong('expected NODE:DEVICE or [NS/]POD:DEVICE', 'node1:eth0, pod-a:eth0');
  const name = head.slice(head.indexOf(':') + 1);
  const node = cluster.nodes.find((one) => one.name === head);
  const own = cluster.pods.filter((pod) => pod.name === name || `${pod.namespace}/${pod.name}` === name);
  const pod = node ? undefined : (own.find(({namespace}) => namespace === 'default') ?? own[0]);
  if (!node && !pod)
    throw wrong(
      `no node or pod ${head}`,
      nearest(
        head,
        [...cluster.nodes, ...cluster.pods].map((one) => one.name),
      ),
    );
  if (pod && (pod.node === undefined || pod.hostNetwork))
    throw wrong(`pod ${pod.namespace}/${pod.name} has no network of its own`, 'name its node');
  const owner = node?.name ?? pod?.node ?? '';
  const inside = pod && `${pod.namespace}/${pod.name}`;
  const {host, pods} = control.state(owner);
  const netns = pod ? pods.find((one) => one.pod === pod) : host;
  const names = netns?.devices.map((one) => one.name) ?? [];
  if (!names.includes(device)) throw wrong(`no device ${device} there`, nearest(device, names));
  return (point) => point.node === owner && point.pod === inside && point.device === device;
}

export function checkFrames(path: Path, {count, min, max}: FramesSpec, seen: number): Finding[] {
  const one = (field: string, value: number | undefined, ok: boolean, word: string): Finding[] =>
    value === undefined
      ? []
      : [{path: [...path, field], ok, expected: `${word}${value}`, got: String(seen), fix: seen}];
  return [
    ...one('count', count, count === seen, ''),
    ...one('min', min, min !== undefined && seen >= min, 'at least '),
    ...one('max', max, max !== undefined && seen <= max, 'at most '),
  ];
}

/** Bytes of the largest packet that gets there in one piece. */
export interface Largest {
  readonly mtu: number;
  readonly payload: number;
}

/** Of messages: the largest that a trace finds delivered whole, with DF set; undefined: none is. */
export function largestMessage(
  tracer: Tracer,
  {spec, notes}: Question,
  mtu: number,
  ports: TunnelPorts,
): Largest | undefined {
  const probe = (size: number): Largest | undefined => {
    const {data: _text, ...plain} = spec;
    const {hops} = tracer.ask({spec: {...plain, count: 1, size, fragmentation: 'do'}, notes});
    const request = hops.filter(({leg}) => leg === 'request');
    const last = request.at(-1);
    const frame = request.findLast((hop) => hop.frame)?.frame;
    if (last?.end !== 'delivered' || request.some(({frames}) => frames > 1) || !frame) return undefined;
    return {mtu: packetLength(frame, ports), payload: size};
  };
  let best = probe(0);
  if (!best) return undefined;
  let [low, high] = [0, mtu];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const found = probe(middle);
    if (found) [best, low] = [found, middle];
    else high = middle;
  }
  return best;
}

const LARGE_MESSAGE = 65_507;

/** Of a TCP connection: its largest segment that is delivered when there is much to send. */
export async function largestSegment(
  session: Session,
  spec: TrafficSpec,
  ports: TunnelPorts,
): Promise<Largest | undefined> {
  const sizes = new Map<number, Largest>();
  let best: Largest | undefined;
  const {data: _text, ...plain} = spec;
  const serving = new Set(spec.to.kind === 'service' ? spec.to.service.backends.map((one) => one.port) : []);
  if (spec.port !== undefined) serving.add(spec.port);
  const observer: Observer = {
    broadcasts: false,
    frame(_point, _time, _direction, bytes, start, end, packet) {
      const frame = bytes.slice(start, end);
      const found = innermost(frame, ports);
      if (found?.protocol !== 'TCP' || !serving.has(found.destinationPort)) return;
      sizes.set(packet, {mtu: packetLength(frame, ports), payload: payloadLength(frame, ports)});
    },
    step(step) {
      const found = step.kind === 'deliver' ? sizes.get(step.packet) : undefined;
      if (found && (!best || found.payload > best.payload)) best = found;
    },
  };
  await session.run({
    observers: [observer],
    extra: [{...plain, protocol: 'tcp', count: 1, size: LARGE_MESSAGE}],
    alone: true,
  });
  return best;
}

const isIp = ({name}: Layer) => name === 'IPv4' || name === 'IPv6';

/** Of the innermost packet, by its header: what follows it in the frame may be padding. */
function packetLength(frame: Uint8Array, ports: TunnelPorts): number {
  const ip = decodeLayers(frame, ports).findLast(isIp);
  const value = (name: string) => Number(ip?.fields.find((field) => field.name === name)?.value ?? 0);
  return ip?.name === 'IPv6' ? 40 + value('payload length') : value('total length');
}

function payloadLength(frame: Uint8Array, ports: TunnelPorts): number {
  const layers = decodeLayers(frame, ports);
  const ip = layers.findLast(isIp);
  const tcp = layers.findLast(({name}) => name === 'TCP');
  return ip && tcp ? packetLength(frame, ports) - (tcp.end - ip.at) : 0;
}

export function checkLargest(spec: ExpectSpec, largest: Largest | undefined): Finding[] {
  return (['mtu', 'payload'] as const).flatMap((field) => {
    const expected = spec[field];
    if (expected === undefined) return [];
    const is = largest?.[field];
    const got = is === undefined ? 'nothing arrived' : String(is);
    return [{path: [field], ok: is === expected, expected: String(expected), got, fix: is}];
  });
}

/** Problems of a UserError, at this place where they have none. */
export function problemsAt(error: unknown, where: Problem['where']): Problem[] {
  if (!(error instanceof UserError)) throw error;
  return error.problems.map((problem) => ({
    ...problem,
    ...((problem.where ?? where) ? {where: problem.where ?? where} : {}),
  }));
}
