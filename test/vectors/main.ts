/**
 * `npm run vectors -- FILE…`: replays files of measured vectors against the datapath and prints `N of M` per file and per
 * field, and the first difference of each miss. Exit code 1 if anything differs, 2 for a file that cannot be read.
 */
import {readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import type {KernelVector, KernelVectorFile, Topology, Vector, VectorFile} from './format.js';
import {type FormulaCase, type HashFile, hashCases, type MaglevFile, maglevCases} from './formulas.js';
import {kernelFields, replayKernelFile} from './kernel.js';
import {comparedFields, replayFile, type VectorResult} from './replay.js';

const SHOWN = 400;

function load<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text;
}

/** Number of misses. */
function reportFormulas(name: string, cases: readonly FormulaCase[]): number {
  const misses = cases.filter((c) => c.expected !== c.got);
  print(`${name}: ${cases.length - misses.length} of ${cases.length}`);
  for (const miss of misses) {
    print(`  ${miss.name}`);
    print(`    expected ${cut(miss.expected)}`);
    print(`    got      ${cut(miss.got)}`);
  }
  return misses.length;
}

function reportVectors(
  name: string,
  results: readonly VectorResult<Vector | KernelVector>[],
  comparedBy: readonly string[],
): number {
  const skipped = results.filter((r) => r.skipped);
  const run = results.filter((r) => !r.skipped);
  const misses = run.filter((r) => r.differences.length > 0);
  print(`${name}: ${run.length - misses.length} of ${results.length}`);
  const fields = comparedBy.map((field) => {
    const wrong = run.filter((r) => r.differences.some((d) => d.field === field)).length;
    return `${field} ${run.length - wrong}`;
  });
  print(`  by field, of ${run.length}: ${fields.join(', ')}`);
  for (const {vector, differences} of misses) {
    const [first] = differences;
    print(
      `  ${vector.id} ${'program' in vector ? vector.program : vector.injected_at}: ${differences.map((d) => d.field).join(', ')} — ${vector.desc}`,
    );
    print(`    ${first!.field} expected ${cut(first!.expected)}`);
    print(`    ${' '.repeat(first!.field.length)} got      ${cut(first!.got)}`);
  }
  for (const {vector, skipped: reason} of skipped) print(`  ${vector.id} not replayed: ${reason}`);
  return misses.length + skipped.length;
}

function replay(path: string): number {
  const name = basename(path);
  const file = load<Record<string, unknown>>(path);
  if ('jhash' in file) return reportFormulas(name, hashCases(file as unknown as HashFile));
  if ('hash_seed_base64' in file) return reportFormulas(name, maglevCases(file as unknown as MaglevFile));
  const vectors = file as unknown as VectorFile;
  if (!Array.isArray(vectors.vectors)) {
    print(`${name}: no vectors in it`);
    return 0;
  }
  const topology = load<Topology>(join(dirname(path), 'topology.json'));
  if (vectors.vectors.some((vector) => 'injected_at' in vector)) {
    const kernel = file as unknown as KernelVectorFile;
    return reportVectors(name, replayKernelFile(kernel, topology, name), kernelFields);
  }
  return reportVectors(name, replayFile(vectors, topology, name), comparedFields);
}

const files = process.argv.slice(2);
if (files.length === 0) {
  process.stderr.write('usage: npm run vectors -- FILE…\n');
  process.exitCode = 2;
} else {
  try {
    const misses = files.map(replay).reduce((sum, n) => sum + n, 0);
    process.exitCode = misses > 0 ? 1 : 0;
  } catch (error) {
    process.stderr.write(`vectors: ${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
