/**
 * Filter programs as JavaScript functions: the fast path. The source text is made from our own instructions only, numbers
 * and fixed fragments, never from the text of an expression.
 *
 * Jumps only go forward, so each target becomes the end of a labelled block and each jump a `break` out of it:
 *
 *     L3: { L2: { …; if (a === 2048) break L2; break L3; }   // 2: …
 *     }                                                       // 3: …
 */
import {ancillary, interpret, type PacketMeta, UNSET_WORDS} from './interpret.js';
import * as op from './opcode.js';

/** Does the packet `bytes[start, end)`, `wireLength` bytes long on the wire, pass? */
export type Predicate = (
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
  meta?: PacketMeta,
) => boolean;

/** Beyond this many instructions the nested blocks would be too deep for the engine's parser. */
const MAX_COMPILED = 1500;

/** Programs with loops or of extraordinary length are interpreted. */
export function predicate(program: op.Program): Predicate {
  const list = program.instructions;
  if (list.length > MAX_COMPILED || list.some((i) => i.code === op.JA && (i.k | 0) < 0)) {
    return (bytes, start, end, wireLength, meta) => interpret(program, bytes, start, end, wireLength, meta) !== 0;
  }
  const body = functionBody(list);
  const compiled = new Function('ancillary', `return function(b,s,e,w,q){${body}}`);
  return compiled(ancillary) as Predicate;
}

function functionBody(list: readonly op.Instruction[]): string {
  const targets = jumpTargets(list);
  const proven = provenLengths(list);
  const lines = ['const n=e-s;let a=0,x=0,t=0', memoryNames(list), ';'];
  for (let at = list.length - 1; at > 0; at--) if (targets.has(at)) lines.push(`L${at}:{`);
  for (const [at, i] of list.entries()) {
    if (targets.has(at)) lines.push('}');
    lines.push(statement(i, at, proven[at]!));
  }
  return lines.join('\n');
}

function memoryNames(list: readonly op.Instruction[]): string {
  const used = new Set<number>();
  for (const {code, k} of list) {
    if (code === op.ST || code === op.STX || code === op.LD_MEM || code === op.LDX_MEM) used.add(k);
  }
  return [...used].map((k) => `,m${k}=${UNSET_WORDS[k]}`).join('');
}

function jumpTargets(list: readonly op.Instruction[]): Set<number> {
  const targets = new Set<number>();
  for (const [at, i] of list.entries()) {
    if ((i.code & op.CLASS_MASK) !== op.CLASS_JMP) continue;
    if (i.code === op.JA) targets.add(at + 1 + i.k);
    else targets.add(at + 1 + i.jt).add(at + 1 + i.jf);
  }
  return targets;
}

/** For each instruction the number of captured bytes that every path to it has shown to be there. */
function provenLengths(list: readonly op.Instruction[]): Float64Array {
  const proven = new Float64Array(list.length).fill(Number.POSITIVE_INFINITY);
  proven[0] = 0;
  const reach = (at: number, length: number) => {
    if (at < list.length) proven[at] = Math.min(proven[at]!, length);
  };
  for (const [at, i] of list.entries()) {
    const after = Math.max(proven[at]!, fixedReach(i));
    if (i.code === op.JA) reach(at + 1 + i.k, after);
    else if ((i.code & op.CLASS_MASK) === op.CLASS_JMP) {
      reach(at + 1 + i.jt, after);
      reach(at + 1 + i.jf, after);
    } else if ((i.code & op.CLASS_MASK) !== op.CLASS_RET) reach(at + 1, after);
  }
  return proven;
}

/** Bytes that must be captured for an absolute load to succeed; 0 for anything else. */
function fixedReach(i: op.Instruction): number {
  if (i.code === op.LDX_MSH) return (i.k >>> 0) + 1;
  if ((i.code & ~op.SIZE_MASK) !== op.LD_ABS) return 0;
  return i.k >= op.ANCILLARY ? 0 : (i.k >>> 0) + width(i.code);
}

function width(code: number): 1 | 2 | 4 {
  const size = code & op.SIZE_MASK;
  return size === op.SIZE_B ? 1 : size === op.SIZE_H ? 2 : 4;
}

function statement(i: op.Instruction, at: number, proven: number): string {
  const k = i.k >>> 0;
  switch (i.code & op.CLASS_MASK) {
    case op.CLASS_RET:
      return i.code === op.RET_A ? 'return a!==0;' : `return ${k !== 0};`;
    case op.CLASS_ST:
      return `m${k}=a;`;
    case op.CLASS_STX:
      return `m${k}=x;`;
    case op.CLASS_ALU:
      return arithmetic(i.code, i.code & op.SOURCE_X ? 'x' : String(k));
    case op.CLASS_JMP:
      return jump(i, at);
    case op.CLASS_MISC:
      return i.code === op.TXA ? 'a=x;' : 'x=a;';
    default:
      return load(i, k, proven);
  }
}

function load(i: op.Instruction, k: number, proven: number): string {
  switch (i.code) {
    case op.LD_IMM:
      return `a=${k};`;
    case op.LDX_IMM:
      return `x=${k};`;
    case op.LD_MEM:
      return `a=m${k};`;
    case op.LDX_MEM:
      return `x=m${k};`;
    case op.LD_LEN:
      return 'a=w;';
  }
  if ((i.code & ~op.SIZE_MASK) === op.LD_ABS && k >= op.ANCILLARY) {
    return `if(q===undefined||(t=ancillary(${k},q))===undefined)return false;a=t;`;
  }
  const reach = fixedReach(i);
  if (reach > 0) {
    const check = reach > proven ? `if(n<${reach})return false;` : '';
    return check + (i.code === op.LDX_MSH ? `x=(b[s+${k}]&15)<<2;` : `a=${read(`s+${k}`, width(i.code))};`);
  }
  return `t=x+${k};if(n<t+${width(i.code)})return false;t+=s;a=${read('t', width(i.code))};`;
}

function read(at: string, bytes: 1 | 2 | 4): string {
  if (bytes === 1) return `b[${at}]`;
  if (bytes === 2) return `b[${at}]<<8|b[${at}+1]`;
  return `(b[${at}]<<24|b[${at}+1]<<16|b[${at}+2]<<8|b[${at}+3])>>>0`;
}

function arithmetic(code: number, b: string): string {
  switch (code & op.OP_MASK) {
    case op.ADD:
      return `a=(a+${b})>>>0;`;
    case op.SUB:
      return `a=(a-${b})>>>0;`;
    case op.MUL:
      return `a=Math.imul(a,${b})>>>0;`;
    case op.DIV:
      return `if(${b}===0)return false;a=Math.floor(a/${b});`;
    case op.MOD:
      return `if(${b}===0)return false;a=a%${b};`;
    case op.AND:
      return `a=(a&${b})>>>0;`;
    case op.OR:
      return `a=(a|${b})>>>0;`;
    case op.XOR:
      return `a=(a^${b})>>>0;`;
    case op.LSH:
      return `a=${b}<32?(a<<${b})>>>0:0;`;
    case op.RSH:
      return `a=${b}<32?a>>>${b}:0;`;
    default:
      return 'a=-a>>>0;';
  }
}

const COMPARISONS: Readonly<Record<number, string>> = {[op.JEQ]: '===', [op.JGT]: '>', [op.JGE]: '>='};

function jump(i: op.Instruction, at: number): string {
  if (i.code === op.JA) return `break L${at + 1 + i.k};`;
  const b = i.code & op.SOURCE_X ? 'x' : String(i.k >>> 0);
  const comparison = COMPARISONS[i.code & ~op.SOURCE_X];
  const test = comparison === undefined ? `(a&${b})!==0` : `a${comparison}${b}`;
  return `if(${test})break L${at + 1 + i.jt};break L${at + 1 + i.jf};`;
}
