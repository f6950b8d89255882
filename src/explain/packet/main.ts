/** `wirelay packet`: one frame out of a run, a capture file or a hex dump, as header boxes. */
import {CaptureError, descriptorSource, openCapture} from '../../pcap-writer/index.js';
import {frameFilter} from '../../session/frame-filter.js';
import {pointName} from '../../session/frame-writer.js';
import {clusterTunnelPorts} from '../../session/layers.js';
import type {Session} from '../../session/session.js';
import {EN10MB, RAW} from '../../session/walk.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {nearest} from '../../term/nearest.js';
import {sanitize} from '../../term/sanitize.js';
import {udpPorts} from '../../wire/iana.js';
import {hexBytes} from './hex-dump.js';
import {packetJson} from './json.js';
import {pictureOf} from './model.js';
import {packetSvg} from './svg.js';
import {packetText} from './text.js';

export interface PacketRequest {
  /** pcap-filter expression; empty: every frame. */
  readonly filter: string;
  /** Which of the frames that pass, from 1. */
  readonly number: number;
  /** Capture file, `-` = stdin. */
  readonly read: string | undefined;
  /** Hex text, `-` = stdin. */
  readonly hex: string | undefined;
  /** The bytes of --hex begin with an IP header. */
  readonly raw: boolean;
  /** Device of the viewpoint. */
  readonly device: string | undefined;
  readonly output: 'text' | 'json' | 'svg';
  readonly ascii: boolean;
  readonly explain: boolean;
  readonly color: boolean;
}

/** What is decoded as a tunnel where no cluster says otherwise. */
export const ASSIGNED_PORTS = {geneve: udpPorts.geneve.number, vxlan: udpPorts.vxlan.number};

interface Found {
  readonly bytes: Uint8Array;
  readonly title: string;
  readonly linkType: number;
}

/** `session`: undefined where the frame is from a file or from hex and no cluster was named. */
export async function runPacket(session: Session | undefined, request: PacketRequest, io: Io): Promise<number> {
  const found = await find(session, request, io);
  const picture = pictureOf(
    found.bytes,
    found.title,
    session ? clusterTunnelPorts(session.cluster) : ASSIGNED_PORTS,
    found.linkType,
  );
  switch (request.output) {
    case 'json':
      io.stdout.write(`${JSON.stringify(packetJson(picture), null, 2)}\n`);
      break;
    case 'svg':
      io.stdout.write(packetSvg(picture));
      break;
    case 'text':
      io.stdout.write(packetText(picture, {...request, columns: io.stdout.columns}));
  }
  return 0;
}

function find(session: Session | undefined, request: PacketRequest, io: Io): Found | Promise<Found> {
  if (request.hex !== undefined) return fromHex(request, io);
  if (request.read !== undefined) return fromCapture(request.read, request);
  if (!session) throw new Error('a run needs a session');
  return fromRun(session, request);
}

function fromHex({hex = '', raw, filter}: PacketRequest, io: Io): Found {
  if (filter !== '')
    throw new UserError({message: 'a hex dump is one frame: no filter', hint: 'leave the expression out'});
  const text = hex === '-' ? new TextDecoder('latin1').decode(io.readStdin()) : hex;
  const bytes = hexBytes(text, hex === '-' ? 'stdin' : '--hex');
  return {bytes, title: `${bytes.length} bytes of hex`, linkType: raw ? RAW : EN10MB};
}

/** The nth frame that passes, of frames that come one after another. */
function counter(filter: string, number: number): (bytes: Uint8Array, linkType: number) => boolean {
  let tests: {readonly linkType: number; readonly passes: (bytes: Uint8Array) => boolean} | undefined;
  let seen = 0;
  return (bytes, linkType) => {
    if (tests?.linkType !== linkType)
      tests = {linkType, passes: filter === '' ? () => true : frameFilter(filter, linkType, 'filter')};
    return tests.passes(bytes) && ++seen === number;
  };
}

function missing({number, filter}: PacketRequest, where: string): UserError {
  const which = number === 1 ? 'frame' : `${number} frames`;
  return new UserError({
    message: `no ${which} ${filter === '' ? '' : `that \`${filter}\` matches `}in ${where}`.trimEnd(),
  });
}

function fromCapture(path: string, request: PacketRequest): Found {
  const isIt = counter(request.filter, request.number);
  const name = path === '-' ? 'stdin' : path;
  try {
    const reader = openCapture(path === '-' ? descriptorSource(0) : path, {mixed: true});
    try {
      for (let n = 1; ; n++) {
        const record = reader.next();
        if (!record) throw missing(request, name);
        const bytes = record.bytes.slice(record.start, record.end);
        if (!isIt(bytes, record.linktype)) continue;
        const missed = record.wireLength - bytes.length;
        const title = `${name}, frame ${n}${missed > 0 ? `, ${missed} bytes not captured` : ''}`;
        return {bytes, title: sanitize(title), linkType: record.linktype};
      }
    } finally {
      reader.close();
    }
  } catch (error) {
    if (error instanceof CaptureError) throw new UserError({message: error.message});
    throw error;
  }
}

async function fromRun(session: Session, request: PacketRequest): Promise<Found> {
  const {devices} = session.netns();
  const names = devices.map(({name}) => name);
  const wanted = request.device ?? (names.includes('eth0') ? 'eth0' : names[0]);
  const device = devices.find(({name, altnames}) => name === wanted || altnames?.includes(wanted ?? ''));
  const where = session.pod ? `${session.pod.namespace}/${session.pod.name}` : session.node.name;
  if (!device) throw new UserError({message: `no device ${wanted} in ${where}`, hint: nearest(wanted ?? '', names)});
  const pod = session.pod && !session.pod.hostNetwork ? `${session.pod.namespace}/${session.pod.name}` : undefined;
  const isIt = counter(request.filter, request.number);
  let found: Found | undefined;
  let n = 0;
  await session.run({
    observers: [
      {
        wants: (point) => point.node === session.node.name && point.pod === pod && point.ifindex === device.ifindex,
        frame(point, time, direction, buffer, start, end) {
          if (found) return;
          n++;
          const bytes = buffer.slice(start, end);
          if (!isIt(bytes, EN10MB)) return;
          const title = `${pointName(point)} ${direction}, frame ${n}, ${(time / 1e6).toFixed(3)} ms`;
          found = {bytes, title, linkType: EN10MB};
        },
      },
    ],
  });
  if (!found) throw missing(request, `${where} ${device.name}`);
  return found;
}
