/** Explained frames of a session into a capture file. */
import type {CapturePoint, DeviceCounters} from '../datapath/model.js';
import type {RunResult} from '../datapath/run/simulate.js';
import {type ByteSink, PcapngWriter, PcapWriter} from '../pcap-writer/index.js';
import {formatIp} from '../wire/addr.js';
import type {ExplainedFrame} from './explain-frames.js';
import {clusterNames} from './names.js';
import type {Session} from './session.js';

export interface FrameWriter {
  write(frame: ExplainedFrame): void;
  /** What was written so far goes to the sink. */
  flush(): void;
  end(result: RunResult): void;
}

/** `node1:eth0`, `node1:default/pod-a:eth0`. */
export function pointName(point: CapturePoint): string {
  return point.pod === undefined ? `${point.node}:${point.device}` : `${point.node}:${point.pod}:${point.device}`;
}

function stamp(session: Session, frame: ExplainedFrame): {sec: number; nsec: number} {
  const seconds = Math.floor(frame.time / 1e9);
  return {sec: session.cluster.epoch + seconds, nsec: frame.time - seconds * 1e9};
}

/** Classic pcap: bytes and times, ns. */
export function pcapFrames(session: Session, sink: ByteSink): FrameWriter {
  const writer = new PcapWriter(sink, {precision: 'nano'});
  return {
    write(frame) {
      const {sec, nsec} = stamp(session, frame);
      writer.packet(sec, nsec, frame.bytes);
    },
    flush: () => writer.flush(),
    end: () => writer.close(),
  };
}

/** One interface per point, its counters at the end; each frame with comments, direction, packet number and verdict. */
export function pcapngFrames(
  session: Session,
  points: readonly CapturePoint[],
  filter: string | undefined,
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
        filter,
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
    flush: () => writer.flush(),
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
export function describePoint(session: Session, point: CapturePoint): string {
  const state = session.state(point.node);
  const device = findDevice(session, point);
  if (point.pod !== undefined) return `pod ${point.pod} on ${point.node}`;
  if (device?.tunnel) return `${device.kind} device of ${point.node}: inner frames`;
  if (device?.kind === 'physical') return `network card of ${point.node}, ${state.node.ips.map(formatIp).join(', ')}`;
  const endpoint = device?.endpointId === undefined ? undefined : state.endpointsById.get(device.endpointId);
  if (endpoint?.pod) return `host side of pod ${endpoint.pod.namespace}/${endpoint.pod.name}`;
  return `${device?.kind ?? 'device'} of ${point.node}`;
}
