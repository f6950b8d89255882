/** Observers of a run that come and go while it goes on. */
import type {AppEvent, CapturePoint, Observer} from '../../datapath/model.js';

export interface Hub {
  /** What the run is made with. */
  readonly observer: Observer;
  /** Sees all frames and events from now on; returns the way to stop. */
  observe(observer: Observer): () => void;
  /** Sees what the application of one line of traffic saw. */
  follow(traffic: number, app: (event: AppEvent) => void): () => void;
}

export function createHub(): Hub {
  let observers: readonly Observer[] = [];
  const followers = new Map<number, (event: AppEvent) => void>();
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
        for (const o of observers) o.event?.(event);
      },
      app(event) {
        followers.get(event.traffic)?.(event);
        for (const o of observers) o.app?.(event);
      },
    },
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
