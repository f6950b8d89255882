/** Program listings: the text of `tcpdump -d`, `-dd` and `-ddd` (libpcap 1.10.3). Each line ends in a newline. */
import * as op from './opcode.js';

type Instruction = op.Instruction;

/** 1: assembler (`-d`), 2: C initialisers (`-dd`), 3: decimal, headed by a count (`-ddd`). */
export function formatProgram(program: op.Program, style: 1 | 2 | 3): string {
  const list = program.instructions;
  if (style === 1) return list.map((instruction, at) => `${assembler(instruction, at)}\n`).join('');
  if (style === 2) return list.map((i) => `{ 0x${i.code.toString(16)}, ${i.jt}, ${i.jf}, ${hex8(i.k)} },\n`).join('');
  return `${list.length}\n${list.map((i) => `${i.code} ${i.jt} ${i.jf} ${i.k >>> 0}\n`).join('')}`;
}

function assembler(i: Instruction, at: number): string {
  const [mnemonic, operand] = mnemonicAndOperand(i, at);
  const head = `(${String(at).padStart(3, '0')}) ${mnemonic.padEnd(8)} `;
  const isBranch = (i.code & op.CLASS_MASK) === op.CLASS_JMP && i.code !== op.JA;
  return isBranch ? `${head}${operand.padEnd(16)} jt ${at + 1 + i.jt}\tjf ${at + 1 + i.jf}` : head + operand;
}

const SIZED_LOAD: Readonly<Record<number, string>> = {[op.SIZE_W]: 'ld', [op.SIZE_H]: 'ldh', [op.SIZE_B]: 'ldb'};
const JUMPS: Readonly<Record<number, string>> = {[op.JEQ]: 'jeq', [op.JGT]: 'jgt', [op.JGE]: 'jge', [op.JSET]: 'jset'};
const ARITHMETIC: Readonly<Record<number, string>> = {
  [op.ADD]: 'add',
  [op.SUB]: 'sub',
  [op.MUL]: 'mul',
  [op.DIV]: 'div',
  [op.OR]: 'or',
  [op.AND]: 'and',
  [op.LSH]: 'lsh',
  [op.RSH]: 'rsh',
  [op.MOD]: 'mod',
  [op.XOR]: 'xor',
};
const BITWISE = new Set<number>([op.AND, op.OR, op.XOR]);

function mnemonicAndOperand(i: Instruction, at: number): readonly [string, string] {
  const {code} = i;
  switch (code) {
    case op.RET_K:
      return ['ret', decimal(i.k)];
    case op.RET_A:
      return ['ret', ''];
    case op.LD_IMM:
      return ['ld', hex(i.k)];
    case op.LDX_IMM:
      return ['ldx', hex(i.k)];
    case op.LD_MEM:
      return ['ld', memory(i.k)];
    case op.LDX_MEM:
      return ['ldx', memory(i.k)];
    case op.LD_LEN:
      return ['ld', '#pktlen'];
    case op.LDX_MSH:
      return ['ldxb', `4*([${i.k | 0}]&0xf)`];
    case op.ST:
      return ['st', memory(i.k)];
    case op.STX:
      return ['stx', memory(i.k)];
    case op.JA:
      return ['ja', String((at + 1 + i.k) | 0)];
    case op.NEG:
      return ['neg', ''];
    case op.TAX:
      return ['tax', ''];
    case op.TXA:
      return ['txa', ''];
  }
  return loadJumpOrArithmetic(i) ?? ['unimp', `0x${code.toString(16)}`];
}

function loadJumpOrArithmetic(i: Instruction): readonly [string, string] | undefined {
  const {code} = i;
  if ((code & ~op.SIZE_MASK) === op.LD_ABS) return [SIZED_LOAD[code & op.SIZE_MASK]!, absolute(i.k)];
  if ((code & ~op.SIZE_MASK) === op.LD_IND) return [SIZED_LOAD[code & op.SIZE_MASK]!, `[x + ${i.k | 0}]`];
  const viaX = (code & op.SOURCE_X) !== 0;
  if ((code & op.CLASS_MASK) === op.CLASS_JMP) {
    const jump = JUMPS[code & ~op.SOURCE_X];
    return jump === undefined ? undefined : [jump, viaX ? 'x' : hex(i.k)];
  }
  if ((code & op.CLASS_MASK) !== op.CLASS_ALU) return undefined;
  const operation = code & op.OP_MASK;
  const name = ARITHMETIC[operation];
  if (name === undefined) return undefined;
  return [name, viaX ? 'x' : BITWISE.has(operation) ? hex(i.k) : decimal(i.k)];
}

function absolute(k: number): string {
  const symbol = k >= op.ANCILLARY ? op.ANCILLARY_NAMES[k - op.ANCILLARY] : undefined;
  return `[${symbol ?? String(k | 0)}]`;
}

function memory(k: number): string {
  return `M[${k}]`;
}

function hex(k: number): string {
  return `#0x${(k >>> 0).toString(16)}`;
}

function hex8(k: number): string {
  return `0x${(k >>> 0).toString(16).padStart(8, '0')}`;
}

function decimal(k: number): string {
  return `#${k | 0}`;
}
