/**
 * Events → the clusters that follow each other, each immutable like the first. What an event leads to later (a grace period
 * that ends, a control plane that notices a silent node) takes its own place in time.
 */
import {UserError} from '../term/error.js';
import {nearest} from '../term/nearest.js';
import {applyChange, type Consequence, type Fail} from './change.js';
import type {Cluster, ClusterChange, ClusterEvent} from './model.js';

/** The cluster from a moment on. */
export interface Stage {
  /** ns of virtual time. */
  readonly at: number;
  /** What has happened, for views. */
  readonly text: string;
  readonly change: ClusterChange | Consequence;
  readonly cluster: Cluster;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly change: ClusterChange | Consequence;
  readonly source: ClusterEvent;
}

/** In order of time; events of the same time in the order given. Throws a UserError for what cannot happen. */
export function planStages(cluster: Cluster, events: readonly ClusterEvent[]): Stage[] {
  const due: Due[] = events.map((source, order) => ({at: source.at, order, change: source.change, source}));
  const stages: Stage[] = [];
  let now = cluster;
  let order = due.length;
  for (;;) {
    due.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = due.shift();
    if (!next) return stages;
    const fail: Fail = (message, names, wrong) => {
      const hint = names && nearest(wrong ?? '', names);
      const {text, where} = next.source;
      throw new UserError({
        message: `event ${JSON.stringify(text)}: ${message}`,
        ...(where ? {where} : {}),
        ...(hint ? {hint} : {}),
      });
    };
    const result = applyChange(now, next.change, fail);
    if (!result) continue;
    now = result.cluster;
    stages.push({at: next.at, text: result.text, change: next.change, cluster: now});
    for (const {after, change} of result.later ?? [])
      due.push({at: next.at + after, order: order++, change, source: next.source});
  }
}
