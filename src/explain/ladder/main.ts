/** `wirelay ladder`: a capture file as a sequence diagram. */
import {resolve as resolvePath} from 'node:path';
import type {Cluster} from '../../cluster/model.js';
import {CaptureError, type CaptureReader, descriptorSource, openCapture} from '../../pcap-writer/index.js';
import {frameFilter} from '../../session/frame-filter.js';
import {clusterTunnelPorts} from '../../session/layers.js';
import {clusterNames} from '../../session/names.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {formatIp} from '../../wire/addr.js';
import {count} from '../graph/model.js';
import {ASSIGNED_PORTS} from '../packet/main.js';
import {drawLadder} from './draw.js';
import {readFrame} from './frame.js';
import {type Captured, type Columns, followFlow, ladderOfCapture} from './from-capture.js';
import type {LadderFormat} from './model.js';

export interface LadderRequest {
  /** Capture file, `-` = stdin. */
  readonly read: string;
  /** pcap-filter expression; empty: every frame. */
  readonly filter: string;
  /** Only the connection of the frame with this number. */
  readonly follow: number | undefined;
  /** undefined: points where the file names two or more. */
  readonly columns: Columns | undefined;
  /** Frames at most. */
  readonly count: number;
  readonly output: LadderFormat;
  readonly plain: boolean;
}

/** `cluster`: undefined where none was named. */
export function runLadder(cluster: Cluster | undefined, request: LadderRequest, io: Io): number {
  if (request.plain && request.output !== 'ascii') throw new UserError({message: '--plain is for -o ascii'});
  const names = new Map<string, string>();
  const title = request.read === '-' ? 'stdin' : request.read;
  const {captured: all, more, named} = readCapture(cluster, request, names, io);
  for (const {
    ip,
    names: [name],
  } of cluster ? clusterNames(cluster) : [])
    if (name) names.set(formatIp(ip), name);
  const chosen = request.follow === undefined ? all : follow(all, request);
  const captured = chosen.slice(0, request.count);
  const hidden = more || chosen.length > captured.length;
  const columns = request.columns ?? (named >= 2 ? 'points' : 'hosts');
  if (columns === 'points' && named === 0)
    throw new UserError({message: `${title} does not name its interfaces`, hint: '--columns hosts'});
  const ladder = ladderOfCapture({
    title,
    captured,
    columns,
    nameOf: (address) => names.get(address),
    notes: [
      ...(captured.length === 0 ? ['no frames'] : []),
      ...(hidden ? [`only the first ${count(captured.length, 'frame')}; -c N shows more`] : []),
    ],
  });
  io.stdout.write(drawLadder(ladder, request.output, request.plain));
  return 0;
}

function follow(captured: readonly Captured[], {follow = 0, filter}: LadderRequest): Captured[] {
  const found = followFlow(captured, follow);
  if (found) return found;
  const passes = filter === '' ? '' : ` that \`${filter}\` matches`;
  throw new UserError({message: `--follow ${follow}: no frame of that number${passes}`});
}

/** TC_ACT_SHOT, linux/pkt_cls.h. */
const SHOT = 2;

interface Read {
  readonly captured: Captured[];
  /** There are more frames that pass. */
  readonly more: boolean;
  /** Interfaces with a name. */
  readonly named: number;
}

function readCapture(cluster: Cluster | undefined, request: LadderRequest, names: Map<string, string>, io: Io): Read {
  const {read} = request;
  try {
    const source = read === '-' ? descriptorSource(0) : resolvePath(io.cwd, read);
    const reader = openCapture(source, {
      mixed: true,
      onNames: (ip, [name]) => {
        if (name !== undefined) names.set(formatIp(ip), name);
      },
    });
    try {
      return readFrames(reader, cluster, request);
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new UserError({message: error.message});
    throw error;
  }
}

function readFrames(
  reader: CaptureReader,
  cluster: Cluster | undefined,
  {filter, count: most, follow}: LadderRequest,
): Read {
  const ports = cluster ? clusterTunnelPorts(cluster) : ASSIGNED_PORTS;
  const tests = new Map<number, (bytes: Uint8Array) => boolean>();
  const captured: Captured[] = [];
  const done = (more: boolean): Read => ({captured, more, named: reader.interfaces.filter(({name}) => name).length});
  for (let number = 1; ; number++) {
    const record = reader.next();
    if (!record) return done(false);
    const {linktype, sec, nsec} = record;
    const bytes = record.bytes.slice(record.start, record.end);
    if (filter !== '' && !tests.has(linktype)) tests.set(linktype, frameFilter(filter, linktype, '--filter'));
    if (tests.get(linktype)?.(bytes) === false) continue;
    if (follow === undefined && captured.length === most) return done(true);
    const {packetId, verdict} = record.options();
    captured.push({
      number,
      time: BigInt(sec) * 1_000_000_000n + BigInt(nsec),
      point: reader.interfaces[record.interfaceIndex]?.name ?? '',
      packetId,
      dropped: verdict === SHOT,
      frame: readFrame(bytes, ports, linktype),
    });
  }
}
