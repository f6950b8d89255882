/** The frames of a run as plain lines: what `wirelay ui` says where there is no terminal. */
import {FilterError} from '../filter/error.js';
import {explainFrames} from '../session/explain-frames.js';
import {decodeLayers} from '../session/layers.js';
import type {SessionOptions} from '../session/options.js';
import type {Session} from '../session/session.js';
import {UserError} from '../term/error.js';
import type {Io} from '../term/io.js';
import {sanitize} from '../term/sanitize.js';
import {timeText} from './select.js';
import {frameTest} from './shown.js';
import {summarize} from './summary.js';
import {describeWorld} from './world.js';

/** `0.000030 node1:cilium_geneve out 98 ICMP echo request 1 10.32.1.10 > 10.32.2.20`, a line per frame. */
export async function printFrames(
  session: Session,
  options: SessionOptions,
  filter: string | undefined,
  io: Io,
): Promise<void> {
  const world = describeWorld(session, options);
  const test = filter === undefined ? () => true : testOf(filter);
  const observer = explainFrames(
    () => true,
    ({point, time, direction, bytes, dropped, comments}) => {
      if (io.stdout.closed || !test(bytes)) return;
      const summary = summarize(bytes, decodeLayers(bytes, world.ports));
      const drop = dropped ? ` DROP ${sanitize(comments.join(' | '))}` : '';
      const place = world.label(point).padEnd(24);
      io.stdout.write(`${timeText(time)} ${place} ${direction.padEnd(3)} ${bytes.length} ${summary}${drop}\n`);
    },
  );
  await session.run({observers: [observer]});
  observer.end();
}

function testOf(filter: string): (bytes: Uint8Array) => boolean {
  try {
    const test = frameTest(filter);
    return (bytes) => test(bytes, 0, bytes.length, bytes.length);
  } catch (error) {
    if (error instanceof FilterError) throw new UserError({message: `--filter: ${error.message}`});
    throw error;
  }
}
