/**
 * pcapng time stamps: a 64-bit count of 10^-n or 2^-n seconds, and an offset in seconds.
 * draft-ietf-opsawg-pcapng §4.2, if_tsresol and if_tsoffset.
 */

export interface TimeUnit {
  /** Units in a second. */
  readonly perSecond: bigint;
  /** The same where 32-bit steps of a long division stay exact, else 0. */
  readonly fast: number;
  /** ns in a unit, where `fast`. */
  readonly ns: number;
  /** Seconds to add. */
  readonly offset: bigint;
}

/** `resolution`: the option's byte; at most 19, or 0x80 + 63. */
export function timeUnit(resolution: number, offset: bigint): TimeUnit {
  if ((resolution & 0x80) !== 0) return {perSecond: 1n << BigInt(resolution & 0x7f), fast: 0, ns: 0, offset};
  const fast = resolution <= 9 && offset === 0n ? 10 ** resolution : 0;
  return {perSecond: 10n ** BigInt(resolution), fast, ns: fast ? 1e9 / fast : 0, offset};
}

/** The stamp as seconds and nanoseconds, the latter rounded down. */
export function readStamp(unit: TimeUnit, high: number, low: number, out: {sec: number; nsec: number}): void {
  const {fast} = unit;
  if (fast === 0) {
    const t = (BigInt(high) << 32n) | BigInt(low);
    out.sec = Number(BigInt.asIntN(64, t / unit.perSecond + unit.offset));
    out.nsec = Number(((t % unit.perSecond) * 1_000_000_000n) / unit.perSecond);
    return;
  }
  // Long division in three digits (32, 16 and 16 bits): each remainder is below 2^30, each step below 2^46.
  const q1 = Math.floor(high / fast);
  const x = (high - q1 * fast) * 0x1_0000 + (low >>> 16);
  const q2 = Math.floor(x / fast);
  const y = (x - q2 * fast) * 0x1_0000 + (low & 0xffff);
  const q3 = Math.floor(y / fast);
  out.sec = q1 * 0x1_0000_0000 + q2 * 0x1_0000 + q3;
  out.nsec = (y - q3 * fast) * unit.ns;
}
