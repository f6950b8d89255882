/**
 * The stream of one run → hops of one packet and of the first that answers it.
 *
 * A hop is a visit to a device: a frame comes in and a program takes it, or a program lets it go and it leaves. What a frame looks
 * like when next seen is what the hop before made of it.
 */
import {describeEvent} from '../../datapath/describe.js';
import type {CapturePoint, DatapathEvent, HookAction, Observer} from '../../datapath/model.js';
import type {DeliverStep, LookupStep, ProgramStep, UnderlayStep} from '../../datapath/step-model.js';
import type {TunnelPorts} from '../../session/layers.js';
import {formatIp, formatIpPort, parseIp} from '../../wire/addr.js';
import {toHex} from '../../wire/bytes.js';
import {ETH_HEADER, ethType} from '../../wire/ethernet.js';
import {etherTypes, ipProtocols} from '../../wire/iana.js';
import {frameChanges} from './frame.js';
import type {Change, Decision, DecisionKind, Hop, Leg, Lookup} from './model.js';

type Draft = {-readonly [K in keyof Hop]: Hop[K]} & {
  lookups: Lookup[];
  decisions: Decision[];
  changes: Change[];
};

/** One of the two packets, while it is under way. */
interface Track {
  readonly leg: Leg;
  readonly packet: number;
  /** Addresses, ports, type: the same in a packet that is sent again. */
  readonly key: string;
  readonly hops: Draft[];
  /** The frame as first and as last seen. */
  readonly first: Uint8Array;
  bytes: Uint8Array;
  /** A device is visited again: by another fragment. Nothing new is told there. */
  repeated: boolean;
}

export interface Recorder {
  readonly observer: Observer;
  hops(): readonly Hop[];
  /** A packet as it was first and last seen; undefined: there was none. */
  ends(leg: Leg): {readonly first: Uint8Array; readonly last: Uint8Array} | undefined;
  /** Nothing more is to be expected for the trace: the request is lost, or the reply has arrived or is lost. */
  readonly finished: boolean;
  /** Something the request met: it went no further, or was delivered. */
  readonly requestEnded: boolean;
}

/** Where the traffic starts, for the hop that no device shows. */
export interface Source {
  readonly node: string;
  readonly pod: string | undefined;
  readonly name: string;
}

export function createRecorder(
  source: Source,
  ports: TunnelPorts,
  deviceName: (node: string, ifindex: number) => string,
): Recorder {
  const tracks: Track[] = [];
  /** Packets that are neither of the two: ARP, and the request once more. */
  const others = new Set<number>();
  /** Of packets that no frame has shown yet. */
  const early = new Map<number, DatapathEvent[]>();
  let loose: Lookup[] = [];
  /** The program that runs now; undefined hop: not one of ours. */
  let running: {readonly hop: Draft | undefined} | undefined;

  function trackOf(packet: number, bytes: Uint8Array, time: number): Track | undefined {
    const known = tracks.find((track) => track.packet === packet);
    if (known) return known;
    if (tracks.length > 1 || others.has(packet)) return undefined;
    const key = flowKey(bytes);
    if (key === undefined || tracks[0]?.key === key) {
      others.add(packet);
      return undefined;
    }
    const leg = tracks.length === 0 ? 'request' : 'reply';
    const first = bytes.slice();
    const track: Track = {leg, packet, key, hops: [], first, bytes: first, repeated: false};
    tracks.push(track);
    const before = early.get(packet) ?? [];
    if (leg === 'request') {
      const stack = newHop(track, time, 'stack', source.node, source.pod, source.name);
      stack.lookups.push(...loose);
      for (const event of before) addEvent(track, event);
    }
    loose = [];
    return track;
  }

  function newHop(
    track: Track,
    time: number,
    place: Hop['place'],
    node: string,
    pod: string | undefined,
    device: string,
    direction?: 'in' | 'out',
  ): Draft {
    const hop: Draft = {
      leg: track.leg,
      time,
      place,
      node,
      pod,
      device,
      direction,
      hook: undefined,
      lookups: [],
      decisions: [],
      changes: [],
      rules: [],
      point: undefined,
      frame: undefined,
      packet: track.packet,
      frames: 0,
      end: undefined,
    };
    track.hops.push(hop);
    return hop;
  }

  /** The visit that this belongs to. */
  function visit(
    track: Track,
    time: number,
    node: string,
    pod: string | undefined,
    device: string,
    direction: 'in' | 'out',
  ): Draft {
    const last = track.hops.at(-1);
    const fits = (hop: Draft) =>
      hop.place === 'device' &&
      hop.node === node &&
      hop.pod === pod &&
      hop.device === device &&
      hop.direction === direction;
    if (last && fits(last)) return last;
    const before = track.hops.find(fits);
    track.repeated = before !== undefined;
    return before ?? newHop(track, time, 'device', node, pod, device, direction);
  }

  /** What came of the frame since it was last seen is the work of the last hop. */
  function see(track: Track, bytes: Uint8Array): void {
    if (!track.repeated) {
      const last = track.hops.at(-1);
      if (last) last.changes.push(...frameChanges(track.bytes, bytes, ports));
    }
    track.bytes = bytes.slice();
  }

  function decide(hop: Draft, kind: DecisionKind, text: string, more: Partial<Decision> = {}): void {
    hop.decisions.push({kind, text, denies: false, ...more});
  }

  function addEvent(track: Track, event: DatapathEvent): void {
    const hop = running?.hop ?? track.hops.at(-1);
    if (!hop || track.repeated) return;
    const text = describeEvent(event) ?? '';
    switch (event.kind) {
      case 'trace':
        if (!event.point.startsWith('from-')) decide(hop, 'trace', text);
        return;
      case 'drop':
        hop.end = 'dropped';
        decide(hop, 'drop', text, {denies: true, reason: event.reason});
        return;
      case 'policy-verdict': {
        nameMap(hop, event.endpoint);
        const denies = event.verdict < 0;
        const audited = event.audited ? {audited: true} : {};
        decide(hop, 'policy', event.audited ? `policy ${event.direction}: would be denied` : text, {
          denies,
          ...audited,
        });
        return;
      }
      case 'translate':
        if (event.backend !== 0)
          hop.lookups.push({
            map: 'cilium_lb4_backends_v3',
            key: String(event.backend),
            value: formatIpPort(event.to.ip, event.to.port),
          });
        decide(hop, 'translate', text);
        return;
      case 'ct':
        if (event.change === 'create') decide(hop, 'conntrack', text);
        return;
      case 'nat':
        decide(hop, 'nat', text);
        return;
      case 'kernel': {
        if (event.hops) hop.rules = [...hop.rules, ...event.hops];
        const denies = event.action === 'discard';
        if (denies) hop.end ??= 'dropped';
        if (!event.security)
          decide(hop, denies ? 'drop' : 'kernel', event.hops ? lastPart(event.text) : event.text, {denies});
        return;
      }
      case 'helper':
        if (event.helper === 'set_tunnel_key')
          decide(
            hop,
            'tunnel',
            `tunnel key: VNI ${event.values.vni}, remote ${event.values.remote}`,
            remoteOf(event.values.remote),
          );
    }
  }

  function program(step: ProgramStep): void {
    const {kind, time, node, packet, hook, device, frame, action} = step;
    if (kind === 'leave') {
      const hop = running?.hop;
      running = undefined;
      const track = hop && tracks.find((one) => one.packet === packet);
      if (!track || !hop) return;
      see(track, frame);
      const target = actionText(action, hop.direction, (ifindex) => deviceName(node, ifindex));
      if (target !== undefined) decide(hop, 'action', target);
      if (action?.kind === 'drop') hop.end = 'dropped';
      return;
    }
    const track = trackOf(packet, frame, time);
    if (!track) {
      running = {hop: undefined};
      return;
    }
    see(track, frame);
    const hop = visit(track, time, node, undefined, device, egressHooks.has(hook) ? 'out' : 'in');
    running = {hop: track.repeated ? undefined : hop};
    hop.hook = hook;
  }

  function lookup({map, key, value, entry}: LookupStep): void {
    // Whether the source address is the pod's own is a constant of its program, not a map (is_valid_lxc_src_ip).
    if (running?.hop?.hook === 'cil_from_container' && map === 'cilium_lxc' && running.hop.lookups.length === 0) return;
    const found: Lookup = {map, key, value, ...(entry?.origin === undefined ? {} : {origin: entry.origin})};
    const list = running ? running.hop?.lookups : loose;
    // One question asked twice in a row is one to the reader.
    if (list?.some((one) => one.map === map && one.key === key && one.value === value)) return;
    list?.push(found);
  }

  function underlay({time, packet, from, to, via, rules, frame}: UnderlayStep): void {
    const track = trackOf(packet, frame, time);
    if (!track) return;
    see(track, frame);
    const device = `${from || 'world'} → ${to || 'world'}`;
    const before = track.hops.find((hop) => hop.place === 'underlay' && hop.device === device);
    track.repeated = before !== undefined;
    if (before) return;
    const hop = newHop(track, time, 'underlay', '', undefined, device);
    decide(
      hop,
      'kernel',
      via === 'switch' ? `switched to the MAC of ${to}` : `routed by the gateway to ${to || 'the world'}`,
    );
    for (const rule of rules) {
      const denies = rule.access === 'Deny';
      if (denies) hop.end = 'dropped';
      const text = `NSG ${rule.direction} at ${rule.node}: ${rule.access.toLowerCase()} by ${rule.rule} (priority ${rule.priority})`;
      decide(hop, 'security', text, {denies, rule});
    }
  }

  function deliver({packet, namespace}: DeliverStep): void {
    const hop = tracks.find((one) => one.packet === packet)?.hops.at(-1);
    if (!hop || hop.end) return;
    hop.end = 'delivered';
    decide(hop, 'deliver', `delivered to the stack of ${namespace}`);
  }

  function frame(
    point: CapturePoint,
    time: number,
    direction: 'in' | 'out',
    buffer: Uint8Array,
    start: number,
    end: number,
    packet: number,
  ): void {
    const bytes = buffer.subarray(start, end);
    const track = trackOf(packet, bytes, time);
    if (!track) return;
    see(track, bytes);
    const hop = visit(track, time, point.node, point.pod, point.device, direction);
    hop.frames++;
    if (hop.frame) return;
    hop.point = point;
    hop.frame = track.bytes;
  }

  return {
    observer: {
      broadcasts: false,
      frame,
      event(event) {
        const track = tracks.find((one) => one.packet === event.packet);
        if (track) addEvent(track, event);
        else if (tracks.length < 2) early.set(event.packet, [...(early.get(event.packet) ?? []), event]);
      },
      step(step) {
        if (step.kind === 'lookup') lookup(step);
        else if (step.kind === 'underlay') underlay(step);
        else if (step.kind === 'deliver') deliver(step);
        else if (step.kind !== 'rules') program(step);
      },
    },
    hops: () => tracks.flatMap(({hops}) => hops),
    ends(leg) {
      const track = tracks.find((one) => one.leg === leg);
      return track && {first: track.first, last: track.bytes};
    },
    get finished() {
      return tracks[1]?.hops.at(-1)?.end !== undefined;
    },
    get requestEnded() {
      return tracks[0]?.hops.at(-1)?.end !== undefined;
    },
  };
}

const egressHooks: ReadonlySet<string> = new Set([
  'cil_to_container',
  'cil_to_overlay',
  'cil_to_netdev',
  'cil_from_host',
]);

function remoteOf(text: number | string | undefined): Pick<Decision, 'remote'> {
  const remote = typeof text === 'string' ? parseIp(text) : undefined;
  return remote === undefined ? {} : {remote};
}

/** What a walk through rules came to: the rules are told one by one. */
function lastPart(text: string): string {
  return text.slice(text.lastIndexOf(': ') + 2);
}

/** The map that has just been asked is that of this endpoint. */
function nameMap(hop: Draft, endpoint: number): void {
  const at = hop.lookups.findLastIndex(({map}) => map === 'cilium_policy_v2');
  const asked = hop.lookups[at];
  if (asked && endpoint > 0) hop.lookups[at] = {...asked, map: `cilium_policy_v2_${String(endpoint).padStart(5, '0')}`};
}

function actionText(
  action: HookAction | undefined,
  direction: Hop['direction'],
  nameOf: (ifindex: number) => string,
): string | undefined {
  switch (action?.kind) {
    case 'redirect':
      return `redirect to ${nameOf(action.ifindex)}${action.ingress ? ' (ingress)' : ''}`;
    case 'redirect-peer':
      return `redirect to the peer of ${nameOf(action.ifindex)}`;
    case 'redirect-neigh':
      return `redirect to ${nameOf(action.ifindex)}, next hop ${formatIp(action.nexthop)}`;
    case 'ok':
      return direction === 'out' ? 'leaves' : 'pass to the stack';
    default:
      return undefined;
  }
}

/** Addresses, protocol and the first four bytes above of an IP packet; undefined for ARP and neighbour discovery. */
function flowKey(bytes: Uint8Array): string | undefined {
  const type = ethType(bytes, 0);
  const o = ETH_HEADER;
  if (type === etherTypes.ipv4.number) {
    const head = (bytes[o]! & 15) * 4;
    return toHex(bytes, o + 12, o + 20) + toHex(bytes, o + 9, o + 10) + toHex(bytes, o + head, o + head + 4);
  }
  if (type !== etherTypes.ipv6.number) return undefined;
  const upper = bytes[o + 6]!;
  const icmp = upper === ipProtocols.icmpv6.number ? bytes[o + 40]! : 0;
  return icmp >= 133 && icmp <= 137 ? undefined : toHex(bytes, o + 8, o + 40) + upper + toHex(bytes, o + 40, o + 44);
}
