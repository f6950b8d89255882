import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {describe, it} from 'vitest';
import {stringify} from 'yaml';
import {UserError} from '../../src/term/error.js';
import {kubernetesList} from '../bench/scale.js';
import {tar, tgz, zip} from './archive/pack.js';
import {load} from './load-input.js';

const list = kubernetesList({nodes: 2, pods: 4, services: 2});
const yaml = stringify(list, {indentSeq: false});
const json = JSON.stringify(list, null, 1);
const members = [
  {name: 'dump/k8s-pods-1.yaml', body: yaml},
  {name: 'dump/sub/list.json', body: json},
  {name: 'dump/link', type: '2', link: 'k8s-pods-1.yaml'},
];
const files = members.slice(0, 2);

/** Where the structure is, mistakes matter most: at the start, at the end, and at bytes that mean something. */
const pieces = [
  '\0',
  '\x00\xff',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  ':',
  '- ',
  '\n',
  '\n---\n',
  '\t',
  '&a ',
  '*a',
  '!!x ',
  '|',
  '>',
  '%',
  '#',
  '\x1f\x8b\x08',
  'PK\x03\x04',
  'PK\x01\x02',
  'PK\x05\x06',
  '\ufeff',
  '\xff\xfe',
  'kind: List\nitems:\n',
  '<<: ',
  '? ',
  '../',
  '__proto__: ',
  '{{ .x }}',
  '77777777777',
].map((text) => Buffer.from(text, 'latin1'));

type Edit = readonly [kind: 'put' | 'insert' | 'cut' | 'copy' | 'end', at: number, length: number, piece: number];

const edit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom('put', 'insert', 'cut', 'copy', 'end'),
  fc.double({min: 0, max: 1, noNaN: true}),
  fc.nat(300),
  fc.nat(pieces.length - 1),
);

function apply(bytes: Uint8Array, edits: readonly Edit[]): Buffer {
  let out = Buffer.from(bytes);
  for (const [kind, where, length, index] of edits) {
    const at = Math.floor(where * out.length);
    const [head, tail] = [out.subarray(0, at), out.subarray(at)];
    const piece = pieces[index]!;
    if (kind === 'put') out = Buffer.concat([head, piece, tail.subarray(Math.min(tail.length, piece.length))]);
    else if (kind === 'insert') out = Buffer.concat([head, piece, tail]);
    else if (kind === 'cut') out = Buffer.concat([head, tail.subarray(length)]);
    else if (kind === 'copy') out = Buffer.concat([head, tail.subarray(0, length), tail]);
    else out = Buffer.from(head);
  }
  return out;
}

/** A cluster or a UserError, never another exception, and never long: vitest's limit of the whole is the watch. */
async function survives(bytes: Uint8Array): Promise<void> {
  try {
    await load(['-'], {readStdin: () => bytes});
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

const holds = (bytes: Uint8Array, numRuns: number) =>
  fc.assert(
    fc.asyncProperty(fc.array(edit, {minLength: 1, maxLength: 6}), (edits) => survives(apply(bytes, edits))),
    {numRuns},
  );

describe('bytes with anything anywhere', () => {
  it.each([
    ['YAML', Buffer.from(yaml)],
    ['JSON', Buffer.from(json)],
    ['a small text', Buffer.from('kind: Pod\nmetadata: {name: &a x, labels: {a: *a}}\nspec: "x"\n')],
    ['tar', tar(members)],
    ['tar.gz', tgz(members)],
    ['zip', zip(files)],
    ['stored zip', zip(files.map((file) => ({...file, stored: true})))],
    ['gzip', gzipSync(yaml)],
    ['zip in tar.gz', tgz([{name: 'a.zip', body: zip(files)}])],
  ])('%s', (_, bytes) => holds(bytes, 300), 60_000);

  it(
    'no order at all',
    () => fc.assert(fc.asyncProperty(fc.uint8Array({maxLength: 2000}), survives), {numRuns: 300}),
    60_000,
  );

  it(
    'pieces of syntax',
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.nat(pieces.length - 1), {maxLength: 40}), (list) =>
          survives(Buffer.concat(list.map((i) => pieces[i]!))),
        ),
        {numRuns: 500},
      ),
    60_000,
  );
});
