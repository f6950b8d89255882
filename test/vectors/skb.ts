import type {Skb} from '../../src/datapath/model.js';

const HEADROOM = 128;
const TAILROOM = 128;

/** A packet with room on both sides. */
export function newSkb(frame: Uint8Array): Skb {
  const buf = new Uint8Array(HEADROOM + frame.length + TAILROOM);
  buf.set(frame, HEADROOM);
  return {
    buf,
    start: HEADROOM,
    end: HEADROOM + frame.length,
    mark: 0,
    cb: [0, 0, 0, 0, 0],
    ifindex: 0,
    tunnel: undefined,
    tunnelOption: undefined,
    packet: 0,
  };
}
