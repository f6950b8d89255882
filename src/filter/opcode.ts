/**
 * Classic BPF: the instruction set of "The BSD Packet Filter", McCanne & Jacobson, USENIX Winter 1993, with the
 * `mod` and `xor` operations and the ancillary loads that Linux added (Documentation/networking/filter.rst).
 *
 *   class  (bits 0-2)   ld ldx st stx alu jmp ret misc
 *   size   (bits 3-4)   w h b                            of ld, ldx
 *   mode   (bits 5-7)   imm abs ind mem len msh          of ld, ldx
 *   op     (bits 4-7)   add sub … / ja jeq jgt jge jset  of alu, jmp
 *   source (bit 3)      k x                              of alu, jmp
 */

/** One instruction: `jt` and `jf` are relative to the next one, as is the `k` of `ja` (signed there, unsigned elsewhere). */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** A filter program; never empty, and every path ends in a `ret`. */
export interface Program {
  readonly instructions: readonly Instruction[];
}

/** Words of scratch memory, `M[0]` … `M[15]`. */
export const MEMORY_WORDS = 16;

export const CLASS_MASK = 0x07;
export const CLASS_LD = 0x00;
export const CLASS_LDX = 0x01;
export const CLASS_ST = 0x02;
export const CLASS_STX = 0x03;
export const CLASS_ALU = 0x04;
export const CLASS_JMP = 0x05;
export const CLASS_RET = 0x06;
export const CLASS_MISC = 0x07;

export const SIZE_MASK = 0x18;
export const SIZE_W = 0x00;
export const SIZE_H = 0x08;
export const SIZE_B = 0x10;
export type Size = typeof SIZE_W | typeof SIZE_H | typeof SIZE_B;

export const MODE_MASK = 0xe0;
export const MODE_IND = 0x40;
export const MODE_MEM = 0x60;

export const OP_MASK = 0xf0;
export const SOURCE_X = 0x08;

export const LD_IMM = 0x00;
export const LD_ABS = 0x20;
export const LD_IND = 0x40;
export const LD_MEM = 0x60;
export const LD_LEN = 0x80;
export const LDX_IMM = 0x01;
export const LDX_MEM = 0x61;
/** `ldxb 4*([k]&0xf)`: the length of an IPv4 header. */
export const LDX_MSH = 0xb1;
export const ST = 0x02;
export const STX = 0x03;
export const RET_K = 0x06;
export const RET_A = 0x16;
export const TAX = 0x07;
export const TXA = 0x87;
export const NEG = 0x84;

export const ADD = 0x00;
export const SUB = 0x10;
export const MUL = 0x20;
export const DIV = 0x30;
export const OR = 0x40;
export const AND = 0x50;
export const LSH = 0x60;
export const RSH = 0x70;
export const MOD = 0x90;
export const XOR = 0xa0;

/** ALU with a constant: `ALU_K | ADD`; with X: `ALU_X | ADD`. */
export const ALU_K = 0x04;
export const ALU_X = 0x0c;

export const JA = 0x05;
export const JEQ = 0x15;
export const JGT = 0x25;
export const JGE = 0x35;
export const JSET = 0x45;
export const JEQ_X = JEQ | SOURCE_X;

/** Absolute loads from here up read packet metadata: `linux/filter.h` SKF_AD_OFF. */
export const ANCILLARY = 0xfffff000;
export const ANCILLARY_PACKET_TYPE = ANCILLARY + 4;
export const ANCILLARY_IFINDEX = ANCILLARY + 8;
export const ANCILLARY_VLAN_TCI = ANCILLARY + 44;
export const ANCILLARY_VLAN_PRESENT = ANCILLARY + 48;

/** Names that `-d` prints for ancillary loads, by offset from `ANCILLARY`. */
export const ANCILLARY_NAMES: Readonly<Record<number, string>> = {
  0: 'proto',
  4: 'type',
  8: 'ifidx',
  12: 'nla',
  16: 'nlan',
  20: 'mark',
  24: 'queue',
  28: 'hatype',
  32: 'rxhash',
  36: 'cpu',
  40: 'xor_x',
  44: 'vlan_tci',
  48: 'vlanp',
  52: 'poff',
  56: 'random',
  60: 'vlan_tpid',
};
