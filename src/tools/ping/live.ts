/** A ping in a session: each answer is printed when it comes; Ctrl-C ends it with the statistics. */
import type {TrafficSpec} from '../../cluster/model.js';
import type {AppEvent} from '../../datapath/model.js';
import type {RunningTraffic, Simulation} from '../../session/live/simulation.js';
import type {Io} from '../../term/io.js';
import type {Ip} from '../../wire/addr.js';
import {PingUsage} from './argv.js';
import {writeParts} from './parts.js';
import {type PingLoop, type PingRun, startLoop} from './replay.js';

/** `describe`: how the ping is to be told once the address is known. */
export function pingLive(
  simulation: Simulation,
  spec: TrafficSpec,
  describe: (target: Ip) => PingRun,
  io: Io,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let loop: PingLoop | undefined;
    let alarm = Number.POSITIVE_INFINITY;
    let cancelAlarm = () => {};
    let over = false;
    const end = () => {
      over = true;
      cancelAlarm();
      stopListening();
      traffic?.stop();
    };
    const finish = () => {
      if (over) return;
      end();
      const code = loop?.end() ?? 1;
      if (loop) writeParts(loop.take(), io);
      resolve(code);
    };
    const fail = (error: unknown) => {
      if (over) return;
      end();
      reject(error);
    };
    const take = (event: AppEvent) => {
      if (over) return;
      const target = traffic?.target?.ip;
      if (target === undefined) return fail(new PingUsage(event.text ?? 'Name or service not known', 2));
      if (event.kind === 'unreachable' && !event.icmp) return fail(new PingUsage('connect: Network is unreachable', 2));
      loop ??= startLoop(describe(target));
      const more = loop.event(event);
      writeParts(loop.take(), io);
      io.stdout.flush();
      if (!more) return finish();
      if (loop.alarm === alarm) return;
      alarm = loop.alarm;
      cancelAlarm();
      cancelAlarm = simulation.at(alarm, finish);
    };
    // what the application says in the act of starting comes before there is a handle on it
    const stopListening = io.onInterrupt(finish);
    let traffic: RunningTraffic | undefined;
    try {
      traffic = simulation.start(spec, (event) => {
        try {
          take(event);
        } catch (error) {
          fail(error);
        }
      });
    } catch (error) {
      fail(error);
    }
  });
}
