/** Events as they happen: of the session's simulation, or of a run of the command's own where there is none. */
import type {DatapathEvent} from '../../datapath/model.js';
import type {Io} from '../../term/io.js';
import type {Session} from '../session.js';

export interface Watcher {
  /** false: enough. */
  take(event: DatapathEvent): boolean;
  /** In a session: begins with what it has kept. */
  readonly past: boolean;
  /** In a session: goes on until a signal, behind `caughtUp`. */
  readonly follow: boolean;
  caughtUp?(): void;
}

/** Thrown by the observer of a run of our own: ends it. */
const STOP = {name: 'enough'} as const;

/** Until the run is over, `take` has enough, the reader has gone, or SIGINT: true then. */
export async function watchEvents(session: Session, io: Io, watcher: Watcher): Promise<boolean> {
  const {simulation} = session;
  let interrupted = false;
  let stop = () => {};
  const stopListening = io.onInterrupt(() => {
    interrupted = true;
    stop();
  });
  const goesOn = (event: DatapathEvent) => !interrupted && !io.stdout.closed && watcher.take(event);
  try {
    if (!simulation) {
      const event = (seen: DatapathEvent) => {
        if (!goesOn(seen)) throw STOP;
      };
      await session.run({observers: [{wants: () => false, event}]});
      return interrupted;
    }
    if (watcher.past && !simulation.past().every(goesOn)) return interrupted;
    watcher.caughtUp?.();
    if (!watcher.follow) return interrupted;
    await new Promise<void>((resolve, reject) => {
      const event = (seen: DatapathEvent) => {
        try {
          if (goesOn(seen)) io.stdout.flush();
          else stop();
        } catch (error) {
          leave();
          reject(error);
        }
      };
      const leave = simulation.observe({wants: () => false, event});
      stop = () => {
        leave();
        resolve();
      };
    });
    return interrupted;
  } catch (error) {
    if (error !== STOP) throw error;
    return interrupted;
  } finally {
    stopListening();
  }
}
