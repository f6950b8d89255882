/**
 * Frames of a capture as a ladder. Columns are the hosts that talk (innermost addresses), or the capture points, where the file
 * names its interfaces: then a packet that is seen at several points is an arrow from each to the next.
 */

import {count} from '../graph/model.js';
import type {Frame} from './frame.js';
import {createParticipants, type Ladder, type Seen, type Step, type Tunnel} from './model.js';

export interface Captured {
  /** Number in the file, from 1. */
  readonly number: number;
  /** ns after the epoch. */
  readonly time: bigint;
  /** Interface's name; '' = none. */
  readonly point: string;
  /** Numbered by who captured it: the same at all points. */
  readonly packetId: number | undefined;
  readonly dropped: boolean;
  readonly frame: Frame;
}

export type Columns = 'hosts' | 'points';

export interface CaptureLadder {
  readonly title: string;
  readonly captured: readonly Captured[];
  readonly columns: Columns;
  /** Name of an address; undefined = none known. */
  readonly nameOf: (address: string) => string | undefined;
  readonly notes: readonly string[];
}

export function ladderOfCapture({title, captured, columns, nameOf, notes}: CaptureLadder): Ladder {
  const {names, index} = createParticipants();
  const start = captured[0]?.time ?? 0n;
  const draw = columns === 'hosts' ? hostSteps(index) : pointSteps(index);
  const steps = captured.flatMap((one) => draw(one, Number(one.time - start)));
  const participants = names.map((name) => {
    const known = columns === 'hosts' ? nameOf(name) : undefined;
    return known === undefined ? {name} : {name: known, detail: name};
  });
  const what = columns === 'hosts' ? 'hosts' : 'capture points';
  const description = `${count(captured.length, 'frame')} between ${names.length} ${what}.`;
  return {title, description, participants, steps, notes};
}

type Draw = (captured: Captured, time: number) => Step[];
type Index = (name: string) => number;

function arrow({frame, number, point, dropped}: Captured, from: number, to: number, time: number): Step {
  const {protocol, source, destination, ports, tunnels, text} = frame;
  const seen: Seen = {frame: number, point, protocol, source, destination, ports, tunnels};
  return {kind: 'arrow', from, to, text, time, lost: dropped, seen};
}

/** What is around the packets of one direction is noted when it changes. */
function hostSteps(index: Index): Draw {
  const around = new Map<string, string>();
  return (captured, time) => {
    const {frame} = captured;
    const [from, to] = [index(frame.source), index(frame.destination)];
    const key = `${from} ${to}`;
    const now = tunnelsText(frame);
    const before = around.get(key);
    around.set(key, now);
    const note: Step[] = now === '' || now === before ? [] : [{kind: 'note', from, to, text: now}];
    return [...note, arrow(captured, from, to, time)];
  };
}

interface Sighting {
  readonly frame: Frame;
  readonly at: number;
  /** Points where this packet was. */
  readonly been: Set<number>;
}

function pointSteps(index: Index): Draw {
  const packets = new Map<string, Sighting>();
  return (captured, time) => {
    const {frame, point, packetId} = captured;
    const at = index(point === '' ? 'unnamed' : point);
    const key = packetId === undefined ? frame.packet : `#${packetId}`;
    const before = packets.get(key);
    const again = before !== undefined && (!before.been.has(at) || packetId !== undefined);
    packets.set(key, {frame, at, been: new Set([...(again ? before.been : []), at])});
    if (!again) return [...put(undefined, frame, at, at), arrow(captured, at, at, time)];
    return [...put(before.frame, frame, before.at, at), arrow(captured, before.at, at, time)];
  };
}

/** Notes on what became of a packet on the way from one point to another. */
function put(before: Frame | undefined, now: Frame, from: number, to: number): Step[] {
  const notes: string[] = [];
  const [old, current] = [before ? tunnelsText(before) : '', tunnelsText(now)];
  if (before && old !== current) {
    if (current === '') notes.push(`decapsulated: ${old}`);
    else notes.push(old === '' ? `encapsulated: ${current}` : current);
  } else if (!before && current !== '') notes.push(current);
  if (before) {
    const changed = (what: string, a: string, b: string) => (a === b ? [] : [`${what} ${a} → ${b}`]);
    notes.push(
      ...changed('source', endText(before.source, before.ports?.[0]), endText(now.source, now.ports?.[0])),
      ...changed(
        'destination',
        endText(before.destination, before.ports?.[1]),
        endText(now.destination, now.ports?.[1]),
      ),
    );
  }
  return notes.map((text) => ({kind: 'note', from, to, text}));
}

function endText(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `Geneve VNI 2161, 10.0.0.5:47192 → 10.0.0.6:6081, 50 bytes`; '' without a tunnel. */
function tunnelsText({tunnels, overhead}: Frame): string {
  if (tunnels.length === 0) return '';
  const one = ({protocol, vni, source, destination, ports}: Tunnel) =>
    `${protocol}${vni === undefined ? '' : ` VNI ${vni}`}, ${endText(source, ports?.[0])} → ${endText(destination, ports?.[1])}`;
  return `${tunnels.map(one).join('; ')}, ${overhead} bytes`;
}

/** Frames of the connection that the frame with this number is of, in both directions and under all addresses it is given. */
export function followFlow(captured: readonly Captured[], number: number): Captured[] | undefined {
  const wanted = captured.find((one) => one.number === number);
  if (!wanted) return undefined;
  const flows = new Set([wanted.frame.flow]);
  const byPacket = new Map<string, Set<string>>();
  const byFlow = new Map<string, Set<string>>();
  for (const one of captured) {
    const key = packetOf(one);
    add(byPacket, key, one.frame.flow);
    add(byFlow, one.frame.flow, key);
  }
  for (const flow of flows)
    for (const packet of byFlow.get(flow) ?? []) for (const other of byPacket.get(packet) ?? []) flows.add(other);
  return captured.filter(({frame}) => flows.has(frame.flow));
}

/** Without numbers of packets, a packet is known again only by what TCP's sequence numbers and the IP identification make its own. */
function packetOf({packetId, frame, number}: Captured): string {
  if (packetId !== undefined) return `#${packetId}`;
  return frame.protocol === 'TCP' ? frame.packet : `frame ${number}`;
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
