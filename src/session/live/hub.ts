/** Observers of a run that come and go while it goes on. */
import type {AppEvent, CapturePoint, DatapathEvent, Observer} from '../../datapath/model.js';

/** Notifications that are kept of each node: hubble-event-buffer-capacity. */
const KEPT = 4095;

export interface Hub {
  /** What the run is made with. */
  readonly observer: Observer;
  /** Sees all frames and events from now on; returns the way to stop. */
  observe(observer: Observer): () => void;
  /** Sees what the application of one line of traffic saw. */
  follow(traffic: number, app: (event: AppEvent) => void): () => void;
  /** The last notifications of each node, in order. */
  past(): readonly DatapathEvent[];
}

export function createHub(): Hub {
  let observers: readonly Observer[] = [];
  const followers = new Map<number, (event: AppEvent) => void>();
  const kept = new Map<string, {readonly order: number; readonly event: DatapathEvent}[]>();
  let order = 0;
  const keep = (event: DatapathEvent) => {
    if (!('frame' in event)) return;
    let list = kept.get(event.node);
    if (!list) kept.set(event.node, (list = []));
    list.push({order: order++, event: {...event, frame: event.frame.slice()}});
    if (list.length >= 2 * KEPT) list.splice(0, list.length - KEPT);
  };
  const wanted = (observer: Observer, point: CapturePoint) => observer.wants?.(point) ?? true;
  return {
    observer: {
      wants: () => true,
      watches: (point) => observers.some((o) => o.frame !== undefined && wanted(o, point)),
      frame(point, time, direction, bytes, start, end, packet) {
        for (const o of observers)
          if (o.frame && wanted(o, point)) o.frame(point, time, direction, bytes, start, end, packet);
      },
      event(event) {
        keep(event);
        for (const o of observers) o.event?.(event);
      },
      app(event) {
        followers.get(event.traffic)?.(event);
        for (const o of observers) o.app?.(event);
      },
    },
    past: () =>
      [...kept.values()]
        .flatMap((list) => list.slice(-KEPT))
        .sort((a, b) => a.order - b.order)
        .map(({event}) => event),
    observe(observer) {
      observers = [...observers, observer];
      return () => {
        observers = observers.filter((o) => o !== observer);
      };
    },
    follow(traffic, app) {
      followers.set(traffic, app);
      return () => void followers.delete(traffic);
    },
  };
}
