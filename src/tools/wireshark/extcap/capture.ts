/** Frames of a run into Wireshark's pipe, as pcapng: with interfaces, names and comments, at the pace asked for. */
import {openSync} from 'node:fs';
import type {CapturePoint} from '../../../datapath/model.js';
import {LINKTYPE_ETHERNET} from '../../../pcap-writer/index.js';
import {explainFrames} from '../../../session/explain-frames.js';
import {frameFilter} from '../../../session/frame-filter.js';
import {pcapngFrames} from '../../../session/frame-writer.js';
import type {Session} from '../../../session/session.js';
import {UserError} from '../../../term/error.js';
import {FdOutput} from '../../../term/output.js';
import type {ExtcapArguments} from './argv.js';

/** Thrown out of the run when no more frames are wanted. */
const ENOUGH = {name: 'enough frames'} as const;

/**
 * Blocks while Wireshark is slow to read, and while it waits for a frame's time: SIGTERM, by which Wireshark stops a plugin, ends the
 * process at any moment.
 */
export async function capture(
  session: Session,
  points: readonly CapturePoint[],
  fd: number,
  {filter, duration = Number.POSITIVE_INFINITY, speed}: ExtcapArguments,
): Promise<void> {
  const passes = filter === '' ? () => true : frameFilter(filter, LINKTYPE_ETHERNET, 'capture filter');
  const chosen = new Set(points.map(({index}) => index));
  const out = new FdOutput(fd, {isTty: false, columns: 80});
  const sink = {write: (bytes: Uint8Array) => out.writeBytes(bytes), close: () => {}};
  const writer = pcapngFrames(session, points, filter === '' ? undefined : filter, sink);
  const wait = pacer(speed, () => writer.flush());
  writer.flush();
  const observer = explainFrames(
    (point) => chosen.has(point.index),
    (frame) => {
      if (frame.time > duration || out.closed) throw ENOUGH;
      if (!passes(frame.bytes)) return;
      wait(frame.time);
      writer.write(frame);
    },
  );
  try {
    const result = await session.run({observers: [observer]});
    observer.end();
    writer.end(result);
  } catch (error) {
    if (error !== ENOUGH) throw error;
    writer.flush();
  }
}

/** Opening a named pipe waits for its reader. */
export function openFifo(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new UserError({message: `--fifo ${path}: ${(error as Error).message}`});
  }
}

/** ms between two looks whether Wireshark, which started the plugin, is still there: killed, it sends no signal. */
const LOOK = 500;

/** Sleeps until a virtual time has come, `speed` virtual seconds to a second, with what was written so far handed over. */
function pacer(speed: number, flush: () => void): (time: number) => void {
  if (speed === 0) return () => {};
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const start = performance.now();
  const parent = process.ppid;
  return (time) => {
    const ahead = () => time / 1e6 / speed - (performance.now() - start);
    if (ahead() < 1) return;
    flush();
    for (let left = ahead(); left >= 1; left = ahead()) {
      if (process.ppid !== parent) throw ENOUGH;
      Atomics.wait(cell, 0, 0, Math.min(left, LOOK));
    }
  };
}
