/** The machine: both ways to run programs, opcode by opcode and on random programs. */
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {interpret} from '../../src/filter/interpret.js';
import * as op from '../../src/filter/opcode.js';
import {predicate} from '../../src/filter/predicate.js';

type Instruction = op.Instruction;

const i = (code: number, k = 0, jt = 0, jf = 0): Instruction => ({code, jt, jf, k: k >>> 0});
const PACKET = Uint8Array.of(0x45, 1, 2, 3, 0xff, 0xfe, 0xfd, 0xfc, 8, 9);

/** What A is at the end of `list`; 0 also if the packet was rejected before. */
function resultOf(...list: Instruction[]): number {
  const program = {instructions: [...list, i(op.RET_A)]};
  const result = interpret(program, PACKET, 0, PACKET.length, 60);
  expect(predicate(program)(PACKET, 0, PACKET.length, 60)).toBe(result !== 0);
  return result;
}

describe('instructions', () => {
  it('load', () => {
    expect(resultOf(i(op.LD_ABS | op.SIZE_W, 4))).toBe(0xfffefdfc);
    expect(resultOf(i(op.LD_ABS | op.SIZE_H, 4))).toBe(0xfffe);
    expect(resultOf(i(op.LD_ABS | op.SIZE_B, 9))).toBe(9);
    expect(resultOf(i(op.LDX_IMM, 3), i(op.LD_IND | op.SIZE_H, 5))).toBe(0x0809);
    expect(resultOf(i(op.LDX_MSH, 0), i(op.TXA))).toBe(20);
    expect(resultOf(i(op.LD_LEN))).toBe(60);
    expect(resultOf(i(op.LD_IMM, 7), i(op.ST, 3), i(op.LD_IMM), i(op.LDX_MEM, 3), i(op.TXA))).toBe(7);
    expect(resultOf(i(op.LDX_IMM, 9), i(op.STX, 15), i(op.LD_MEM, 15))).toBe(9);
  });

  it('reject beyond the captured bytes', () => {
    for (const code of [op.LD_ABS | op.SIZE_W, op.LD_ABS | op.SIZE_H, op.LD_ABS | op.SIZE_B, op.LDX_MSH]) {
      expect(resultOf(i(op.LD_IMM, 1), i(code, 10), i(op.LD_IMM, 1))).toBe(0);
      expect(resultOf(i(op.LD_IMM, 1), i(code, 0xffffffff), i(op.LD_IMM, 1))).toBe(0);
    }
    expect(resultOf(i(op.LD_ABS | op.SIZE_W, 7), i(op.LD_IMM, 1))).toBe(0);
    expect(resultOf(i(op.LDX_IMM, 0xffffffff), i(op.LD_IND | op.SIZE_B, 1), i(op.LD_IMM, 1))).toBe(0);
  });

  it('compute in 32 bits, unsigned', () => {
    const alu = (operation: number, a: number, b: number) => {
      const viaX = resultOf(i(op.LD_IMM, a), i(op.LDX_IMM, b), i(op.ALU_X | operation));
      expect(resultOf(i(op.LD_IMM, a), i(op.ALU_K | operation, b))).toBe(viaX);
      return viaX;
    };
    expect(alu(op.ADD, 0xffffffff, 2)).toBe(1);
    expect(alu(op.SUB, 1, 2)).toBe(0xffffffff);
    expect(alu(op.MUL, 0xffffffff, 0xffffffff)).toBe(1);
    expect(alu(op.DIV, 0xffffffff, 2)).toBe(0x7fffffff);
    expect(alu(op.MOD, 0xffffffff, 10)).toBe(5);
    expect(alu(op.AND, 0xf0f0f0f0, 0xff00ff00)).toBe(0xf000f000);
    expect(alu(op.OR, 0x80000000, 1)).toBe(0x80000001);
    expect(alu(op.XOR, 0xffffffff, 1)).toBe(0xfffffffe);
    expect(alu(op.LSH, 3, 31)).toBe(0x80000000);
    expect(alu(op.LSH, 3, 32)).toBe(0);
    expect(alu(op.RSH, 0x80000000, 31)).toBe(1);
    expect(alu(op.RSH, 0x80000000, 33)).toBe(0);
    expect(resultOf(i(op.LD_IMM, 1), i(op.NEG))).toBe(0xffffffff);
    expect(resultOf(i(op.LD_IMM, 1), i(op.ALU_K | op.DIV, 0), i(op.LD_IMM, 1))).toBe(0);
    expect(resultOf(i(op.LD_IMM, 1), i(op.LDX_IMM, 0), i(op.ALU_X | op.MOD), i(op.LD_IMM, 1))).toBe(0);
  });

  it('compare unsigned', () => {
    const jump = (code: number, a: number, b: number) => {
      const branch = (at: number, k: number) => [i(at, k, 0, 1), i(op.RET_K, 1), i(op.RET_K, 0)];
      const viaK = resultOf(i(op.LD_IMM, a), ...branch(code, b));
      expect(resultOf(i(op.LD_IMM, a), i(op.LDX_IMM, b), ...branch(code | op.SOURCE_X, 0))).toBe(viaK);
      return viaK === 1;
    };
    expect(jump(op.JGT, 0xffffffff, 1)).toBe(true);
    expect(jump(op.JGT, 1, 1)).toBe(false);
    expect(jump(op.JGE, 1, 1)).toBe(true);
    expect(jump(op.JEQ, 0x80000000, 0x80000000)).toBe(true);
    expect(jump(op.JSET, 0x80000000, 0x80000000)).toBe(true);
    expect(jump(op.JSET, 2, 1)).toBe(false);
  });

  it('read metadata only where there is some', () => {
    const program = {instructions: [i(op.LD_ABS | op.SIZE_W, op.ANCILLARY_IFINDEX), i(op.RET_A)]};
    expect(interpret(program, PACKET, 0, 10, 10)).toBe(0);
    expect(interpret(program, PACKET, 0, 10, 10, {packetType: 4, ifindex: 3})).toBe(3);
    expect(predicate(program)(PACKET, 0, 10, 10)).toBe(false);
    expect(predicate(program)(PACKET, 0, 10, 10, {packetType: 4, ifindex: 3})).toBe(true);
    expect(predicate(program)(PACKET, 0, 10, 10, {packetType: 4, ifindex: 0})).toBe(false);
  });

  it('end in a loop that does not end', () => {
    const program = {instructions: [i(op.JA, -1), i(op.RET_K, 1)]};
    expect(interpret(program, PACKET, 0, 10, 10)).toBe(0);
    expect(predicate(program)(PACKET, 0, 10, 10)).toBe(false);
  });
});

const word = fc.oneof(
  fc.nat(20),
  fc.constantFrom(0xffffffff, 0x80000000, 31, 32, 0x7fffffff),
  fc.integer({min: 0, max: 0xffffffff}),
);
const size = fc.constantFrom(op.SIZE_W, op.SIZE_H, op.SIZE_B);
const operation = fc.constantFrom(op.ADD, op.SUB, op.MUL, op.DIV, op.MOD, op.AND, op.OR, op.XOR, op.LSH, op.RSH);
const memory = fc.nat(op.MEMORY_WORDS - 1);

/** Any instruction but `ret`; jumps go at most 6 further. */
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.tuple(fc.constantFrom(op.LD_ABS, op.LD_IND), size, fc.oneof(fc.nat(70), word)).map(([m, s, k]) => i(m | s, k)),
  fc.tuple(fc.constantFrom(op.LD_IMM, op.LDX_IMM), word).map(([c, k]) => i(c, k)),
  fc.tuple(fc.constantFrom(op.LD_MEM, op.LDX_MEM, op.ST, op.STX), memory).map(([c, k]) => i(c, k)),
  fc.nat(60).map((k) => i(op.LDX_MSH, k)),
  fc.constantFrom(i(op.LD_LEN), i(op.TAX), i(op.TXA), i(op.NEG)),
  fc.tuple(fc.constantFrom(op.ALU_K, op.ALU_X), operation, word).map(([c, o, k]) => i(c | o, k)),
  fc.nat(6).map((k) => i(op.JA, k)),
  fc
    .tuple(fc.constantFrom(op.JEQ, op.JGT, op.JGE, op.JSET), fc.boolean(), word, fc.nat(6), fc.nat(6))
    .map(([c, viaX, k, jt, jf]) => i(viaX ? c | op.SOURCE_X : c, k, jt, jf)),
);

describe('random programs', () => {
  it('give the same, interpreted and compiled', () => {
    const tail = [1, 0, 1, 0, 1, 1, 0].map((k) => i(op.RET_K, k));
    let passed = 0;
    fc.assert(
      fc.property(
        fc.array(instruction, {minLength: 1, maxLength: 40}),
        fc.uint8Array({minLength: 0, maxLength: 100}),
        fc.nat(20),
        (list, bytes, start) => {
          const program = {instructions: [...list, i(op.RET_A), ...tail]};
          const from = Math.min(start, bytes.length);
          const result = interpret(program, bytes, from, bytes.length, 200) !== 0;
          if (result) passed++;
          expect(predicate(program)(bytes, from, bytes.length, 200)).toBe(result);
        },
      ),
      {numRuns: 3000, seed: 20_260_805},
    );
    expect(passed).toBeGreaterThan(300);
  });
});
