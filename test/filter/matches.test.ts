/** Which packets pass: the interpreter and the compiled predicate, against each other and against the real tcpdump. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {compileFilter} from '../../src/filter/compile.js';
import {FilterError} from '../../src/filter/error.js';
import {interpret} from '../../src/filter/interpret.js';
import type {Program} from '../../src/filter/opcode.js';
import {predicate} from '../../src/filter/predicate.js';
import {describeWith} from '../oracle.js';
import {expression, random} from './expressions.js';
import {
  type Captured,
  cutEverywhere,
  expressions,
  oracleMatches,
  packets,
  pcapFile,
  readsUnsetWords,
} from './support.js';

const seed = Number(process.env.WIRELAY_SEED ?? 20_260_805);
const factor = Number(process.env.WIRELAY_CASES ?? 1);

/** Each way to run a program has to give the same. */
const RUNNERS: Readonly<Record<string, (program: Program) => (packet: Captured) => boolean>> = {
  interpreter: (program) => (p) => interpret(program, p.bytes, 0, p.bytes.length, p.wireLength) !== 0,
  predicate: (program) => {
    const passes = predicate(program);
    return (p) => passes(p.bytes, 0, p.bytes.length, p.wireLength);
  },
  'predicate in a larger buffer': (program) => {
    const passes = predicate(program);
    return (p) => {
      const larger = new Uint8Array(p.bytes.length + 100).fill(0x45);
      larger.set(p.bytes, 37);
      return passes(larger, 37, 37 + p.bytes.length, p.wireLength);
    };
  },
};

function matches(runner: string, program: Program, list: readonly Captured[]): number[] {
  const passes = RUNNERS[runner]!(program);
  return list.flatMap((packet, i) => (passes(packet) ? [i] : []));
}

function compile(text: string, linktype: number, optimize: boolean): Program | string {
  try {
    return compileFilter(text, {linktype, snaplen: 262_144, optimize, savefile: true});
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

function randomExpressions(count: number): string[] {
  const r = random(seed ^ 0x5a5a);
  return Array.from({length: Math.round(count * factor)}, () => expression(r));
}

describe('ways to run a program agree', () => {
  const cut = cutEverywhere(packets.filter((p) => p.linktype === 1));

  it('on every expression, packet and length', () => {
    let cases = 0;
    for (const text of [...expressions, ...randomExpressions(150)]) {
      const program = compile(text, 1, true);
      if (typeof program === 'string') continue;
      const wanted = matches('interpreter', program, cut);
      for (const runner of Object.keys(RUNNERS))
        expect([text, runner, matches(runner, program, cut)]).toEqual([text, runner, wanted]);
      cases += cut.length;
    }
    console.log(`filter: interpreter and predicate agree on ${cases} decisions`);
  });
});

describeWith(['tcpdump'], 'the packets that pass are those of libpcap 1.10.3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-filter-'));
  afterAll(() => rmSync(folder, {recursive: true}));

  function compare(linktype: number, list: readonly string[]): void {
    const cut = cutEverywhere(packets.filter((p) => p.linktype === linktype));
    const file = join(folder, `${linktype}.pcap`);
    writeFileSync(file, pcapFile(linktype, cut));
    let [programs, refused, passed, skipped] = [0, 0, 0, 0];
    for (const text of list) {
      for (const optimize of [true, false]) {
        const program = compile(text, linktype, optimize);
        if (typeof program !== 'string' && readsUnsetWords(program)) {
          skipped++;
          continue;
        }
        const got = typeof program === 'string' ? program : matches('predicate', program, cut);
        const wanted = oracleMatches(text, file, optimize);
        expect([text, optimize, got]).toEqual([text, optimize, wanted]);
        programs++;
        if (typeof wanted === 'string') refused++;
        else passed += wanted.length;
      }
    }
    console.log(
      `filter: link type ${linktype}: ${programs} programs (${refused} refused) x ${cut.length} packets equal, ${passed} passed; ${skipped} programs undefined`,
    );
  }

  it('Ethernet: every expression, each packet cut at every length', () => {
    compare(1, [...expressions, ...randomExpressions(200)]);
  });

  it.each([101, 113, 276, 0, 108])('link type %i', (linktype) => {
    compare(linktype, randomExpressions(30));
    compare(linktype, [
      'ip',
      'ip6',
      'tcp',
      'udp',
      'port 53',
      'host 10.0.1.5',
      'geneve',
      'geneve and tcp',
      'arp',
      'inbound',
    ]);
  });
});
