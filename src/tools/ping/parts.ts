/** What the loop has written, to the streams it is for. */
import type {Io} from '../../term/io.js';
import type {PingReport} from './replay.js';

export function writeParts(parts: PingReport['parts'], io: Io): void {
  for (const {stream, text} of parts) {
    // in order on a terminal that shows both
    if (stream === 'stderr') io.stdout.flush();
    io[stream].write(text);
  }
}
