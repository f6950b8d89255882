/** `wirelay export`: frames of chosen capture points of a run, explained, as pcapng or pcap. */
import type {CapturePoint, DeviceCounters} from '../../datapath/model.js';
import type {RunResult} from '../../datapath/run/simulate.js';
import {compileFilter} from '../../filter/compile.js';
import {FilterError} from '../../filter/error.js';
import {predicate} from '../../filter/predicate.js';
import {type ByteSink, CaptureError, fileSink, PcapngWriter, PcapWriter} from '../../pcap-writer/index.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {nearest} from '../../term/nearest.js';
import {formatIp} from '../../wire/addr.js';
import {type ExplainedFrame, explainFrames} from './explain-frames.js';
import {clusterNames} from './names.js';

export interface ExportOptions {
  /** `-` = stdout. */
  readonly output: string;
  readonly format: 'pcapng' | 'pcap';
  /** `NODE:DEVICE` or `NODE:[NS/]POD:DEVICE`; empty = all. */
  readonly points: readonly string[];
  /** pcap-filter expression. */
  readonly filter: string | undefined;
}

interface FrameWriter {
  write(frame: ExplainedFrame): void;
  end(result: RunResult): void;
}

/** Runs the session's traffic and writes its frames; returns how many. Nothing is left behind when it fails. */
export async function exportFrames(session: Session, options: ExportOptions, io: Io): Promise<number> {
  if (options.output === '-' && io.stdout.isTty)
    throw new UserError({message: 'binary output is not written to a terminal', hint: 'use -o FILE, or a pipe'});
  const {capturePoints} = await import('../../datapath/run/simulate.js');
  const points = choosePoints(capturePoints(session.control), options.points);
  const matches = options.filter === undefined ? () => true : compile(options.filter);
  const file = options.output === '-' ? undefined : open(options.output);
  const sink: ByteSink = file ?? {write: (bytes) => io.stdout.writeBytes(bytes), close: () => io.stdout.flush()};
  try {
    const writer =
      options.format === 'pcapng' ? pcapngFrames(session, points, options, sink) : pcapFrames(session, sink);
    const chosen = new Set(points.map((point) => point.index));
    let frames = 0;
    const observer = explainFrames(
      (point) => chosen.has(point.index),
      (frame) => {
        if (!matches(frame.bytes)) return;
        frames++;
        writer.write(frame);
      },
    );
    const result = await session.run({observers: [observer]});
    observer.end();
    writer.end(result);
    return frames;
  } catch (error) {
    file?.abort();
    if (error instanceof CaptureError) throw new UserError({message: error.message});
    throw error;
  }
}

function open(path: string): ReturnType<typeof fileSink> {
  try {
    return fileSink(path);
  } catch (error) {
    if (error instanceof CaptureError) throw new UserError({message: error.message});
    throw error;
  }
}

function compile(text: string): (bytes: Uint8Array) => boolean {
  try {
    const test = predicate(compileFilter(text, {linktype: 1, snaplen: 262_144, optimize: true, savefile: false}));
    return (bytes) => test(bytes, 0, bytes.length, bytes.length);
  } catch (error) {
    if (error instanceof FilterError) throw new UserError({message: `--filter: ${error.message}`});
    throw error;
  }
}

/** `node1:eth0`, `node1:default/pod-a:eth0`. */
export function pointName(point: CapturePoint): string {
  return point.pod === undefined ? `${point.node}:${point.device}` : `${point.node}:${point.pod}:${point.device}`;
}

function choosePoints(all: readonly CapturePoint[], wanted: readonly string[]): readonly CapturePoint[] {
  if (wanted.length === 0) return all;
  const names = all.map(pointName);
  const problems = wanted
    .filter((text) => !all.some((point) => fits(point, text)))
    .map((text) => ({
      message: `no capture point ${text}`,
      hint: nearest(text, names) ?? 'NODE:DEVICE or NODE:[NS/]POD:DEVICE',
    }));
  if (problems.length > 0) throw new UserError(problems);
  return all.filter((point) => wanted.some((text) => fits(point, text)));
}

/** A pod may be named without its namespace; `*` stands for any node, pod or device. */
function fits(point: CapturePoint, text: string): boolean {
  const parts = text.split(':');
  const own = point.pod === undefined ? [point.node, point.device] : [point.node, point.pod, point.device];
  if (parts.length !== own.length) return false;
  return parts.every(
    (part, i) => part === '*' || part === own[i] || (i === 1 && own.length === 3 && own[1]!.endsWith(`/${part}`)),
  );
}

function stamp(session: Session, frame: ExplainedFrame): {sec: number; nsec: number} {
  const seconds = Math.floor(frame.time / 1e9);
  return {sec: session.cluster.epoch + seconds, nsec: frame.time - seconds * 1e9};
}

function pcapFrames(session: Session, sink: ByteSink): FrameWriter {
  const writer = new PcapWriter(sink, {precision: 'nano'});
  return {
    write(frame) {
      const {sec, nsec} = stamp(session, frame);
      writer.packet(sec, nsec, frame.bytes);
    },
    end: () => writer.close(),
  };
}

function pcapngFrames(
  session: Session,
  points: readonly CapturePoint[],
  options: ExportOptions,
  sink: ByteSink,
): FrameWriter {
  const {cluster} = session;
  const writer = new PcapngWriter(sink, {
    application: 'wirelay',
    os: `simulated, ${cluster.dataplane === 'cilium' ? `Cilium ${cluster.cilium.version}` : 'kube-proxy'}`,
    comment: `cluster ${cluster.name} (${cluster.source}), seed ${cluster.seed}`,
  });
  const index = new Map<number, number>();
  for (const point of points) {
    const device = findDevice(session, point);
    index.set(
      point.index,
      writer.addInterface({
        name: pointName(point),
        description: describePoint(session, point),
        addresses: device?.addresses.map((address) => address.prefix),
        mac: device?.mac,
        filter: options.filter,
      }),
    );
  }
  writer.addNames(clusterNames(cluster));
  return {
    write(frame) {
      const {sec, nsec} = stamp(session, frame);
      writer.packet(index.get(frame.point.index)!, sec, nsec, frame.bytes, 0, frame.bytes.length, frame.bytes.length, {
        comments: frame.comments,
        direction: frame.direction,
        packetId: frame.packet,
        // TC_ACT_SHOT
        verdict: frame.dropped ? 2 : undefined,
      });
    },
    end(result) {
      for (const point of points) {
        const counters: DeviceCounters = result.counters(point.node, point.pod, point.device);
        writer.statistics(index.get(point.index)!, {
          start: {sec: cluster.epoch, nsec: 0},
          end: {sec: cluster.epoch + Math.floor(result.endTime / 1e9), nsec: result.endTime % 1e9},
          received: counters.rxPackets + counters.txPackets,
          dropped: counters.rxDropped + counters.txDropped,
        });
      }
      writer.close();
    },
  };
}

function findDevice(session: Session, point: CapturePoint) {
  const state = session.state(point.node);
  const netns =
    point.pod === undefined ? state.host : state.pods.find((ns) => `${ns.pod.namespace}/${ns.pod.name}` === point.pod);
  return netns?.devices.find((device) => device.ifindex === point.ifindex);
}

/** What a reader of Wireshark's interface list wants to know. */
function describePoint(session: Session, point: CapturePoint): string {
  const state = session.state(point.node);
  const device = findDevice(session, point);
  if (point.pod !== undefined) return `pod ${point.pod} on ${point.node}`;
  if (device?.tunnel) return `${device.kind} device of ${point.node}: inner frames`;
  if (device?.kind === 'physical') return `network card of ${point.node}, ${state.node.ips.map(formatIp).join(', ')}`;
  const endpoint = device?.endpointId === undefined ? undefined : state.endpointsById.get(device.endpointId);
  if (endpoint?.pod) return `host side of pod ${endpoint.pod.namespace}/${endpoint.pod.name}`;
  return `${device?.kind ?? 'device'} of ${point.node}`;
}
