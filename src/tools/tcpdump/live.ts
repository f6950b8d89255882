/** Capture on a simulated interface: banners, the run's frames, the counters at the end. */

import type {Device} from '../../control/model.js';
import type {CapturePoint, Observer} from '../../datapath/model.js';
import {interpret, type PacketMeta} from '../../filter/interpret.js';
import {ANCILLARY, type Program} from '../../filter/opcode.js';
import {predicate} from '../../filter/predicate.js';
import {pointName} from '../../session/frame-writer.js';
import type {Simulation} from '../../session/live/simulation.js';
import type {Session} from '../../session/session.js';
import type {Io} from '../../term/io.js';
import {get16, set16, set32} from '../../wire/bytes.js';
import {type Arguments, failure, MAX_SNAPLEN} from './argv.js';
import {ANY, abilities, chooseDevice} from './devices.js';
import {compile, expressionText, listing} from './filter.js';
import {linkTypeText} from './link-types.js';
import {addressesOf, nameSource} from './names.js';
import type {Own} from './own/own.js';
import {endings, openSink, type PacketSink} from './sink.js';
import {openPacketFile} from './write.js';

const EN10MB = 1;
const LINUX_SLL2 = 276;
const ETHERNET_HEADER = 14;
const SLL2_HEADER = 20;
/** PACKET_* of linux/if_packet.h. */
const HOST = 0;
const BROADCAST = 1;
const MULTICAST = 2;
const OTHER_HOST = 3;
const OUTGOING = 4;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** Thrown by the observer when no more packets are wanted: ends the run. */
const ENOUGH = {name: 'enough packets'} as const;

export async function runLive(args: Arguments, io: Io, session: Session, own: Own | undefined): Promise<number> {
  const chosen = chooseDevice(session, args);
  const name = chosen === ANY ? ANY : chosen.name;
  if (args.list === 'link-types' || args.list === 'time-stamp-types') throw abilities(name, args.list);
  const linkType = chooseLinkType(args, chosen, io);
  const snaplen = args.snaplen === 0 ? MAX_SNAPLEN : args.snaplen;
  const program = compile(expressionText(args, io), args, {
    linkType,
    savefile: false,
    swapped: false,
    snaplen,
    host: (host) => addressesOf(session.cluster, host),
  });
  if (args.dumpProgram > 0) throw listing(program, args);
  const devices = new Map(session.netns().devices.map((device) => [device.ifindex, device]));
  const names = nameSource(session.cluster, (ifindex) => devices.get(ifindex)?.name);
  const written = {linktype: linkType, snaplen, start: session.cluster.epoch, arrival: (seconds: number) => seconds};
  const sink = await openSink(args, io, names, openPacketFile(args, io, written), own?.taker);
  sink.begin(linkType);
  announce(args, io, name, linkType, snaplen);
  const tap = new Tap(args, session, chosen, devices, filter(program), sink, snaplen, own);
  await (session.simulation ? watch(session.simulation, tap, io) : runThrough(session, tap, io));
  if (tap.interrupted && args.writeFile === undefined) io.stdout.write('\n');
  if (sink.fileLimitReached) io.stderr.write(`Maximum file limit reached: ${args.fileCount}\n`);
  sink.close();
  const plural = sink.captured === 1 ? '' : 's';
  io.stderr.write(
    `${sink.captured} packet${plural} captured\n${sink.captured} packet${plural} received by filter\n0 packets dropped by kernel\n`,
  );
  return 0;
}

/** A run of its own, to its end or the user's. */
async function runThrough(session: Session, tap: Tap, io: Io): Promise<void> {
  const stopListening = io.onInterrupt(() => tap.interrupt(), endings);
  try {
    await session.run({observers: [tap.observer]});
  } catch (error) {
    if (error !== ENOUGH) throw error;
  } finally {
    stopListening();
  }
}

/** What happens in the simulation from now on, until -c or a signal. */
function watch(simulation: Simulation, tap: Tap, io: Io): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stopWatching();
      stopListening();
      settle();
    };
    const stopWatching = simulation.observe({
      wants: (point) => tap.isOn(point),
      frame(...frame) {
        try {
          tap.observer.frame(...frame);
        } catch (error) {
          end(() => (error === ENOUGH ? resolve() : reject(error)));
        }
      },
    });
    const stopListening = io.onInterrupt(() => {
      tap.interrupt();
      end(resolve);
    }, endings);
  });
}

/** -y, and the cooked type of `any`. */
function chooseLinkType(args: Arguments, chosen: Device | typeof ANY, io: Io): number {
  const own = chosen === ANY ? LINUX_SLL2 : EN10MB;
  const wanted = args.linkType;
  if (wanted !== undefined && wanted.number !== own) {
    throw failure(`${wanted.name} is not one of the DLTs supported by this device`);
  }
  if (chosen === ANY || wanted !== undefined)
    io.stderr.write(`tcpdump: data link type ${chosen === ANY ? 'LINUX_SLL2' : wanted!.name}\n`);
  return own;
}

function announce(args: Arguments, io: Io, name: string, linkType: number, snaplen: number): void {
  const quiet = args.print.verbose === 0 && args.writeFile === undefined;
  const hint = 'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n';
  io.stderr.write(
    `${quiet ? hint : 'tcpdump: '}listening on ${name}, link-type ${linkTypeText(linkType)}, snapshot length ${snaplen} bytes\n`,
  );
  io.stderr.flush();
}

type Filter = (b: Uint8Array, start: number, end: number, length: number, meta: PacketMeta) => boolean;

/** The compiled predicate, or the interpreter where the program asks for direction or interface. */
function filter(program: Program): Filter {
  if (!program.instructions.some((i) => i.k >>> 0 >= ANCILLARY)) return predicate(program);
  return (b, start, end, length, meta) => interpret(program, b, start, end, length, meta) !== 0;
}

/** Frames of the viewpoint's devices, cooked for `any`, filtered, cut, counted. */
class Tap {
  interrupted = false;
  readonly observer: Required<Pick<Observer, 'frame'>>;
  private readonly cooked = new Uint8Array(SLL2_HEADER + 0x1_0000);
  private readonly meta = {packetType: HOST, ifindex: 0};
  private readonly pod: string | undefined;

  constructor(
    private readonly args: Arguments,
    private readonly session: Session,
    private readonly chosen: Device | typeof ANY,
    private readonly devices: ReadonlyMap<number, Device>,
    private readonly passes: Filter,
    private readonly sink: PacketSink,
    private readonly snaplen: number,
    private readonly own: Own | undefined,
  ) {
    const {pod} = session;
    this.pod = pod && !pod.hostNetwork ? `${pod.namespace}/${pod.name}` : undefined;
    this.observer = {
      frame: (point, time, direction, bytes, start, end) => this.frame(point, time, direction, bytes, start, end),
    };
  }

  interrupt(): void {
    this.interrupted = true;
  }

  /** Is this point among the devices that are captured on? */
  isOn(point: CapturePoint): boolean {
    if (point.node !== this.session.node.name || point.pod !== this.pod) return false;
    return this.chosen === ANY || point.ifindex === this.chosen.ifindex;
  }

  private frame(
    point: CapturePoint,
    time: number,
    direction: 'in' | 'out',
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.interrupted) throw ENOUGH;
    if (!this.isOn(point)) return;
    if (this.args.direction !== 'inout' && this.args.direction !== direction) return;
    const device = this.devices.get(point.ifindex);
    this.meta.ifindex = point.ifindex;
    this.meta.packetType = packetType(device, direction, bytes, start);
    let [b, from, to] = [bytes, start, end];
    if (this.chosen === ANY) {
      b = this.cook(device, bytes, start, end);
      from = 0;
      to = end - start - ETHERNET_HEADER + SLL2_HEADER;
    }
    const length = to - from;
    const visible = Math.min(to, from + this.snaplen);
    if (!this.passes(b, from, to, length, this.meta)) return;
    const {own} = this;
    if (own !== undefined) {
      if (!own.passes(this.chosen === ANY ? LINUX_SLL2 : EN10MB, b, from, to, length)) return;
      own.place = {point: pointName(point), direction};
    }
    const seconds = this.session.cluster.epoch + Math.floor(time / 1e9);
    if (!this.sink.packet(seconds, time % 1e9, b, from, visible, length)) throw ENOUGH;
  }

  /** Linux cooked v2 header in the place of the Ethernet header. */
  private cook(device: Device | undefined, bytes: Uint8Array, start: number, end: number): Uint8Array {
    const out = this.cooked;
    set16(out, 0, get16(bytes, start + 12));
    set16(out, 2, 0);
    set32(out, 4, this.meta.ifindex);
    set16(out, 8, device?.kind === 'loopback' ? ARPHRD_LOOPBACK : ARPHRD_ETHER);
    out[10] = this.meta.packetType;
    out[11] = 6;
    out.set(bytes.subarray(start + 6, start + 12), 12);
    set16(out, 18, 0);
    out.set(bytes.subarray(start + ETHERNET_HEADER, end), SLL2_HEADER);
    return out;
  }
}

/** Whom the frame is for, as the receiving device sees it. */
function packetType(device: Device | undefined, direction: 'in' | 'out', b: Uint8Array, o: number): number {
  if (direction === 'out') return OUTGOING;
  const high = get16(b, o);
  const low = get16(b, o + 2) * 0x10000 + get16(b, o + 4);
  const destination = high * 0x1_0000_0000 + low;
  if (destination === 0xffff_ffff_ffff) return BROADCAST;
  if ((b[o]! & 1) !== 0) return MULTICAST;
  return device === undefined || device.mac === destination ? HOST : OTHER_HOST;
}
