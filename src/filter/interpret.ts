/**
 * The reference interpreter of classic BPF, as libpcap runs it over saved packets: 32-bit unsigned arithmetic, a load
 * beyond the captured bytes rejects the packet, so does a division or modulus by zero.
 */
import * as op from './opcode.js';

/** What is known of a packet beside its bytes; read by the ancillary loads of `inbound`, `outbound`, `ifindex`, `vlan`. */
export interface PacketMeta {
  /** `linux/if_packet.h` PACKET_*: 0 host, 1 broadcast, 2 multicast, 3 other host, 4 outgoing. */
  readonly packetType: number;
  readonly ifindex: number;
  /** The 802.1Q tag that the device took off the frame, if it did. */
  readonly vlanTci?: number;
}

/**
 * Backward jumps before a packet is given up. Only `protochain` makes them, and a crafted chain of AH headers goes
 * round for ever (libpcap 1.10.3 hangs there).
 */
const MAX_BACKWARD_JUMPS = 65_536;

/**
 * Scratch words before they are written. Only a `geneve` that did not match leaves them so (`not geneve and udp`); libpcap
 * has there what happens to be on its stack, nearly always an offset beyond the packet. The words differ, and are so large
 * that loads relative to them reject.
 */
export const UNSET_WORDS: Uint32Array = Uint32Array.from(
  {length: op.MEMORY_WORDS},
  (_, i) => 0xf000_0000 + i * 0x10_0000,
);

interface Machine {
  a: number;
  x: number;
  readonly memory: Uint32Array;
}

/** Runs `program` over `bytes[start, end)`, `wireLength` bytes long on the wire. The program's return value, 0 = reject. */
export function interpret(
  program: op.Program,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  meta?: PacketMeta,
): number {
  const {instructions} = program;
  const m: Machine = {a: 0, x: 0, memory: UNSET_WORDS.slice()};
  let backward = 0;
  for (let pc = 0; ; pc++) {
    const i = instructions[pc];
    if (i === undefined) return 0;
    switch (i.code & op.CLASS_MASK) {
      case op.CLASS_RET:
        return i.code === op.RET_A ? m.a : i.k >>> 0;
      case op.CLASS_LD:
      case op.CLASS_LDX:
        if (!load(m, i, bytes, start, end, wireLength, meta)) return 0;
        break;
      case op.CLASS_ST:
        m.memory[i.k] = m.a;
        break;
      case op.CLASS_STX:
        m.memory[i.k] = m.x;
        break;
      case op.CLASS_ALU: {
        const result = arithmetic(i.code, m.a, i.code & op.SOURCE_X ? m.x : i.k >>> 0);
        if (result === undefined) return 0;
        m.a = result;
        break;
      }
      case op.CLASS_JMP:
        if (i.code === op.JA) {
          if ((i.k | 0) < 0 && ++backward > MAX_BACKWARD_JUMPS) return 0;
          pc += i.k | 0;
        } else pc += holds(i.code, m.a, i.code & op.SOURCE_X ? m.x : i.k >>> 0) ? i.jt : i.jf;
        break;
      case op.CLASS_MISC:
        if (i.code === op.TXA) m.a = m.x;
        else m.x = m.a;
        break;
    }
  }
}

/** False where the load runs off the captured bytes. */
function load(
  m: Machine,
  i: op.Instruction,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  meta: PacketMeta | undefined,
): boolean {
  switch (i.code) {
    case op.LD_IMM:
      m.a = i.k >>> 0;
      return true;
    case op.LDX_IMM:
      m.x = i.k >>> 0;
      return true;
    case op.LD_MEM:
      m.a = m.memory[i.k]!;
      return true;
    case op.LDX_MEM:
      m.x = m.memory[i.k]!;
      return true;
    case op.LD_LEN:
      m.a = wireLength;
      return true;
    case op.LDX_MSH:
      if (i.k >>> 0 >= end - start) return false;
      m.x = (bytes[start + i.k]! & 15) << 2;
      return true;
  }
  const isIndirect = (i.code & op.MODE_MASK) === op.MODE_IND;
  const at = (i.k >>> 0) + (isIndirect ? m.x : 0);
  const width = sizeInBytes(i.code & op.SIZE_MASK);
  if (at + width <= end - start) {
    let value = 0;
    for (let n = 0; n < width; n++) value = (value << 8) | bytes[start + at + n]!;
    m.a = value >>> 0;
    return true;
  }
  if (isIndirect || meta === undefined) return false;
  const value = ancillary(at, meta);
  if (value === undefined) return false;
  m.a = value;
  return true;
}

/** The value of an ancillary load from `k`. */
export function ancillary(k: number, meta: PacketMeta): number | undefined {
  switch (k) {
    case op.ANCILLARY_PACKET_TYPE:
      return meta.packetType;
    case op.ANCILLARY_IFINDEX:
      return meta.ifindex;
    case op.ANCILLARY_VLAN_TCI:
      return meta.vlanTci ?? 0;
    case op.ANCILLARY_VLAN_PRESENT:
      return meta.vlanTci === undefined ? 0 : 1;
  }
  return undefined;
}

function sizeInBytes(size: number): 1 | 2 | 4 {
  return size === op.SIZE_B ? 1 : size === op.SIZE_H ? 2 : 4;
}

/** `a OP b` in 32 bits unsigned; undefined for a division or modulus by zero. Shared with the optimizer. */
export function arithmetic(code: number, a: number, b: number): number | undefined {
  switch (code & op.OP_MASK) {
    case op.ADD:
      return (a + b) >>> 0;
    case op.SUB:
      return (a - b) >>> 0;
    case op.MUL:
      return Math.imul(a, b) >>> 0;
    case op.DIV:
      return b === 0 ? undefined : Math.floor(a / b);
    case op.MOD:
      return b === 0 ? undefined : a % b;
    case op.AND:
      return (a & b) >>> 0;
    case op.OR:
      return (a | b) >>> 0;
    case op.XOR:
      return (a ^ b) >>> 0;
    case op.LSH:
      return b < 32 ? (a << b) >>> 0 : 0;
    case op.RSH:
      return b < 32 ? a >>> b : 0;
    default:
      return -a >>> 0;
  }
}

/** The outcome of a conditional jump. */
export function holds(code: number, a: number, b: number): boolean {
  switch (code & ~op.SOURCE_X) {
    case op.JEQ:
      return a === b;
    case op.JGT:
      return a > b;
    case op.JGE:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}
