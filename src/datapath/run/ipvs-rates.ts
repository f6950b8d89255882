/**
 * Rates of IPVS: every two seconds the kernel takes what was counted since, and moves its estimate a quarter of the way there
 * (Linux net/netfilter/ipvs/ip_vs_est.c: estimation_timer, ip_vs_read_estimator).
 */
import type {IpvsCounters} from '../rule-model.js';

type Counters = {-readonly [K in keyof IpvsCounters]: number};

/** Milliseconds between two looks. */
const INTERVAL = 2000;
const fields = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;
/** Fractional bits of an estimate, which is of two seconds: one more than a second's. */
const fraction = {connections: 9, inPackets: 9, outPackets: 9, inBytes: 4, outBytes: 4} as const;

export const NOTHING: IpvsCounters = {connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0};

/** Counters of a virtual or real server, and what the kernel makes of them. */
export class RatedCounters {
  readonly total: Counters = {...NOTHING};
  private readonly last: Counters = {...NOTHING};
  private readonly estimates: Counters = {...NOTHING};
  private looks = 0;

  /** `now`: milliseconds. To be called before anything is counted at that time. */
  advance(now: number): void {
    const due = Math.floor(now / INTERVAL);
    for (; this.looks < due; this.looks++) {
      const moved = fields.map((field) => this.look(field));
      if (moved.includes(true)) continue;
      // Nothing is left to forget.
      this.looks = due;
      return;
    }
  }

  /** Per second, as a reader is told: the nearest whole number, of two the lower. */
  rates(): IpvsCounters {
    const rate = (field: (typeof fields)[number]) => {
      const second = 2 ** (fraction[field] + 1);
      return Math.floor((this.estimates[field] + second / 2 - 1) / second);
    };
    return {
      connections: rate('connections'),
      inPackets: rate('inPackets'),
      outPackets: rate('outPackets'),
      inBytes: rate('inBytes'),
      outBytes: rate('outBytes'),
    };
  }

  /** Whether there was anything to do. */
  private look(field: (typeof fields)[number]): boolean {
    const counted = this.total[field] - this.last[field];
    this.last[field] = this.total[field];
    const before = this.estimates[field];
    this.estimates[field] += Math.floor((counted * 2 ** fraction[field] - before) / 4);
    return counted !== 0 || this.estimates[field] !== before;
  }
}
