/**
 * --follow-flow: one connection at every interface of the simulated cluster, in time order, a line for each frame.
 *
 * Which frames belong together is known, not guessed: a packet keeps its number through translation, encapsulation and
 * forwarding (`Skb.packet`). Packets and the address pairs that they were seen with form one graph; a flow is a connected part of it.
 *
 *   packet 1 ─ pod-a:40000 ⇄ VIP:80          at the pod
 *            └ pod-a:40000 ⇄ pod-b:8080      behind the translation
 *   packet 2 ─┘                              the reply
 *
 * The simulation runs twice, the same both times: to find the flow, and to print it.
 */
import type {CapturePoint, Observer} from '../../../datapath/model.js';
import {interpret} from '../../../filter/interpret.js';
import {pointName} from '../../../session/frame-writer.js';
import type {SessionOptions} from '../../../session/options.js';
import type {Session} from '../../../session/session.js';
import {EN10MB, type TunnelPorts, walk} from '../../../session/walk.js';
import {UserError} from '../../../term/error.js';
import type {Io} from '../../../term/io.js';
import {sanitize} from '../../../term/sanitize.js';
import type {Ip} from '../../../wire/addr.js';
import {type Arguments, MAX_SNAPLEN} from '../argv.js';
import {compile, expressionText, listing} from '../filter.js';
import {addressesOf, nameSource} from '../names.js';
import {endings, openSink, type PacketSink} from '../sink.js';
import {openPacketFile} from '../write.js';
import {type Flow, flowOf, NO_PORT, quotedFlow} from './flow.js';
import type {OwnOptions} from './options.js';
import {Own} from './own.js';

/** Thrown by the observer when no more packets are wanted: ends the run. */
const ENOUGH = {name: 'enough packets'} as const;

export async function followFlow(
  args: Arguments,
  options: OwnOptions,
  io: Io,
  session: Session,
  viewpoint: SessionOptions,
): Promise<number> {
  if (args.device !== undefined)
    throw new UserError({message: '--follow-flow looks at all interfaces', hint: `leave -i ${args.device} out`});
  const {cluster} = session;
  const snaplen = args.snaplen === 0 ? MAX_SNAPLEN : args.snaplen;
  const host = (name: string) => addressesOf(cluster, name);
  const program = compile(expressionText(args, io), args, {
    linkType: EN10MB,
    savefile: false,
    swapped: false,
    snaplen,
    host,
  });
  if (args.dumpProgram > 0) throw listing(program, args);
  const {verbose, hex, hexAscii, ascii} = args.print;
  const own = new Own(options, cluster, io.stdout, verbose + hex + hexAscii + ascii === 0);
  const isChoosing = choosing(session, viewpoint);
  const flow = await findFlow(
    session,
    own.ports,
    (point, b, start, end) =>
      isChoosing(point) &&
      interpret(program, b, start, end, end - start, {packetType: 0, ifindex: point.ifindex}) !== 0 &&
      own.passes(EN10MB, b, start, end, end - start),
  );
  if (flow === undefined) {
    io.stderr.write('tcpdump: no frame of this run passes: there is no flow to follow\n');
    return 0;
  }
  io.stderr.write(`tcpdump: following one flow: ${flow.packets.size} packets, ${flow.points.size} interfaces\n`);
  io.stderr.flush();
  const written = {linktype: EN10MB, snaplen, start: cluster.epoch, arrival: (seconds: number) => seconds};
  const names = nameSource(cluster, () => undefined);
  const sink = await openSink(args, io, names, openPacketFile(args, io, written), own);
  sink.begin(EN10MB);
  await print(args, session, flow, own, sink, snaplen, io);
  sink.close();
  return 0;
}

/** Prints the flow's frames: the second run. */
async function print(
  args: Arguments,
  session: Session,
  flow: FoundFlow,
  own: Own,
  sink: PacketSink,
  snaplen: number,
  io: Io,
): Promise<void> {
  const names = new Map([...flow.points].map((point) => [point.index, sanitize(pointName(point))]));
  const width = Math.max(...[...names.values()].map((name) => name.length));
  let isInterrupted = false;
  const stopListening = io.onInterrupt(() => (isInterrupted = true), endings);
  const observer: Observer = {
    frame(point, time, direction, bytes, start, end, packet) {
      if (isInterrupted) throw ENOUGH;
      if (!flow.packets.has(packet)) return;
      if (args.direction !== 'inout' && args.direction !== direction) return;
      own.place = {point: pointName(point), direction};
      own.prefix = `${(names.get(point.index) ?? '').padEnd(width)} ${direction.padEnd(3)} `;
      const seconds = session.cluster.epoch + Math.floor(time / 1e9);
      const visible = Math.min(end, start + snaplen);
      if (!sink.packet(seconds, time % 1e9, bytes, start, visible, end - start)) throw ENOUGH;
    },
  };
  try {
    await session.run({observers: [observer]});
  } catch (error) {
    if (error !== ENOUGH) throw error;
  } finally {
    stopListening();
  }
}

/** With --node or --pod, the packet that is followed is one that was seen there. */
function choosing(session: Session, {node, pod}: SessionOptions): (point: CapturePoint) => boolean {
  if (node === undefined && pod === undefined) return () => true;
  const inside = session.pod && !session.pod.hostNetwork ? `${session.pod.namespace}/${session.pod.name}` : undefined;
  return (point) => point.node === session.node.name && (pod === undefined || point.pod === inside);
}

interface FoundFlow {
  /** Numbers of its packets. */
  readonly packets: ReadonlySet<number>;
  /** Where they were seen. */
  readonly points: ReadonlySet<CapturePoint>;
}

/**
 * The flow of the first frame that is `wanted`: the first run. ARP and neighbour discovery, which come before most, are only
 * followed where nothing else is wanted.
 */
async function findFlow(
  session: Session,
  ports: TunnelPorts,
  wanted: (point: CapturePoint, b: Uint8Array, start: number, end: number) => boolean,
): Promise<FoundFlow | undefined> {
  const groups = new Groups();
  const seenAt = new Map<number, Set<CapturePoint>>();
  let chosen: number | undefined;
  let fallback: number | undefined;
  const observer: Observer = {
    frame(point, _time, _direction, bytes, start, end, packet) {
      const points = seenAt.get(packet);
      if (points) points.add(point);
      else seenAt.set(packet, new Set([point]));
      const flow = conversation(bytes, start, end, ports);
      const key = flow && pairKey(flow);
      if (key !== undefined) groups.join(packet, key);
      if (chosen !== undefined || !wanted(point, bytes, start, end)) return;
      if (flow !== undefined && flow.sourcePort !== NO_PORT) chosen = packet;
      else fallback ??= packet;
    },
  };
  await session.run({observers: [observer]});
  const followed = chosen ?? fallback;
  if (followed === undefined) return undefined;
  const root = groups.rootOf(followed);
  const packets = new Set([...seenAt.keys()].filter((packet) => groups.rootOf(packet) === root));
  return {packets, points: new Set([...packets].flatMap((packet) => [...seenAt.get(packet)!]))};
}

/** Of a frame's innermost packet, or of the packet that it quotes in an ICMP error. */
function conversation(b: Uint8Array, start: number, end: number, ports: TunnelPorts): Flow | undefined {
  const stack = walk(EN10MB, b, start, end, end - start, ports);
  return quotedFlow(b, stack, ports) ?? flowOf(b, stack);
}

/** Key of the two ends, the same in both directions; undefined for later fragments, which have addresses only. */
function pairKey({protocol, source, sourcePort, destination, destinationPort}: Flow): string | undefined {
  if (sourcePort === NO_PORT && (protocol === 6 || protocol === 17 || protocol === 132)) return undefined;
  const side = (ip: Ip, port: number) => `${typeof ip === 'number' ? ip : `[${ip}]`} ${port}`;
  return [protocol, ...[side(source, sourcePort), side(destination, destinationPort)].sort()].join(' ');
}

/** Disjoint sets of packet numbers and pair keys. */
class Groups {
  private readonly parents = new Map<number | string, number | string>();

  rootOf(member: number | string): number | string {
    let at = member;
    for (let parent = this.parents.get(at); parent !== undefined; parent = this.parents.get(at)) at = parent;
    if (at !== member) this.parents.set(member, at);
    return at;
  }

  join(a: number | string, b: number | string): void {
    const [left, right] = [this.rootOf(a), this.rootOf(b)];
    if (left !== right) this.parents.set(left, right);
  }
}
