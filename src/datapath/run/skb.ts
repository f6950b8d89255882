/**
 * Frames of the run. Their buffers come from a pool, so that a packet costs no garbage: whoever gets an skb passes it on or
 * releases it, exactly once.
 *
 *   0        HEADROOM                                  buf.length
 *   |--------|== Ethernet | IP | L4 | payload ==|------|
 *            start                              end
 */
import type {Skb, TunnelKey} from '../model.js';

/** Room for two encapsulations over IPv6 with the longest Geneve options. */
export const HEADROOM = 448;

export interface SimSkb extends Skb {
  ingressIfindex: number;
  /** What `tunnel` points to where it is set: one key per skb, used again and again. */
  readonly spare: TunnelKey;
  /** The buffer has the pool's size. */
  readonly pooled: boolean;
  /** In the pool: a second release is a bug. */
  free: boolean;
}

export class SkbPool {
  private readonly idle: SimSkb[] = [];

  /** `room`: bytes behind the headroom that every pooled buffer has. */
  constructor(private readonly room: number) {}

  /** An empty skb (`start = end = HEADROOM`) with at least `need` bytes behind `start`. */
  take(need: number, packet: number): SimSkb {
    const skb =
      need <= this.room ? (this.idle.pop() ?? create(HEADROOM + this.room, true)) : create(HEADROOM + need, false);
    skb.free = false;
    skb.start = HEADROOM;
    skb.end = HEADROOM;
    skb.packet = packet;
    scrub(skb);
    return skb;
  }

  release(skb: SimSkb): void {
    if (skb.free) throw new Error('skb released twice');
    skb.free = true;
    if (skb.pooled) this.idle.push(skb);
  }

  /** A second skb with the same bytes and packet number. */
  copy(skb: SimSkb): SimSkb {
    const out = this.take(skb.end - skb.start, skb.packet);
    out.end = out.start + skb.end - skb.start;
    out.buf.set(skb.buf.subarray(skb.start, skb.end), out.start);
    return out;
  }
}

/** What crossing into another namespace or node takes off (skb_scrub_packet). */
export function scrub(skb: SimSkb): void {
  const {cb} = skb;
  skb.mark = 0;
  skb.tcIndex = 0;
  skb.ingressIfindex = 0;
  cb[0] = cb[1] = cb[2] = cb[3] = cb[4] = 0;
  skb.tunnel = undefined;
  skb.tunnelOption = undefined;
}

function create(size: number, pooled: boolean): SimSkb {
  return {
    buf: new Uint8Array(size),
    start: HEADROOM,
    end: HEADROOM,
    mark: 0,
    cb: [0, 0, 0, 0, 0],
    tcIndex: 0,
    toHost: false,
    ifindex: 0,
    ingressIfindex: 0,
    tunnel: undefined,
    tunnelOption: undefined,
    packet: 0,
    spare: {vni: 0, remote: 0, ttl: 0, tos: 0, flags: 0},
    pooled,
    free: false,
  };
}
