/** `wirelay export`: frames of chosen capture points of a run, explained, as pcapng or pcap. */
import {constants} from 'node:os';
import type {CapturePoint} from '../../datapath/model.js';
import {type ByteSink, CaptureError, fileSink, LINKTYPE_ETHERNET} from '../../pcap-writer/index.js';
import {explainFrames} from '../../session/explain-frames.js';
import {frameFilter} from '../../session/frame-filter.js';
import {pcapFrames, pcapngFrames, pointName} from '../../session/frame-writer.js';
import type {Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {nearest} from '../../term/nearest.js';

export interface ExportOptions {
  /** `-` = stdout. */
  readonly output: string;
  readonly format: 'pcapng' | 'pcap';
  /** `NODE:DEVICE` or `NODE:[NS/]POD:DEVICE`; empty = all. */
  readonly points: readonly string[];
  /** pcap-filter expression. */
  readonly filter: string | undefined;
}

/** Runs the session's traffic and writes its frames; returns how many. Nothing is left behind when it fails. */
export async function exportFrames(session: Session, options: ExportOptions, io: Io): Promise<number> {
  if (options.output === '-' && io.stdout.isTty)
    throw new UserError({message: 'binary output is not written to a terminal', hint: 'use -o FILE, or a pipe'});
  const {capturePoints} = await import('../../datapath/run/simulate.js');
  const points = choosePoints(capturePoints(session.control), options.points);
  const matches =
    options.filter === undefined ? () => true : frameFilter(options.filter, LINKTYPE_ETHERNET, '--filter');
  const file = options.output === '-' ? undefined : open(options.output);
  let interrupted: NodeJS.Signals | undefined;
  const stopListening = io.onInterrupt(
    (signal) => {
      interrupted = signal;
    },
    ['SIGINT', 'SIGTERM', 'SIGHUP'],
  );
  const sink: ByteSink = file ?? {write: (bytes) => io.stdout.writeBytes(bytes), close: () => io.stdout.flush()};
  try {
    const writer =
      options.format === 'pcapng' ? pcapngFrames(session, points, options.filter, sink) : pcapFrames(session, sink);
    const chosen = new Set(points.map((point) => point.index));
    let frames = 0;
    const observer = explainFrames(
      (point) => chosen.has(point.index),
      (frame) => {
        if (interrupted)
          // the exit code of a process that the signal ended, as shells have it
          throw new UserError({message: 'interrupted: nothing was written'}, 128 + constants.signals[interrupted]);
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
  } finally {
    stopListening();
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
