/** Paths → texts: what is packed is unpacked in memory, whatever its name says it is. */
import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {readToEnd} from '../term/read-to-end.js';
import {gunzip, isGzip, type Pieces, piecesOf} from './archive/gunzip.js';
import {archiveError, type Budget, type ByteSource, memorySource} from './archive/limits.js';
import {BLOCK, concat, isTar, readTar} from './archive/tar.js';
import {isZip, readZip} from './archive/zip.js';
import {type InputFile, isDefinitionName, isHidden, type LeftAside, whyLeftAside} from './discover.js';

export interface InputText {
  /** `folder/file.yaml`, `dump.zip!pods.yaml`: for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Named by the user, not met in a folder or an archive: must be a definition. */
  readonly named: boolean;
}

export interface ReadContext {
  readonly budget: Budget;
  readStdin(): Uint8Array;
  readonly leftAside: LeftAside;
}

/** An archive in an archive in an archive is no dump. */
const MAX_DEPTH = 3;

/** Texts of one file. Throws a UserError about what is broken, hostile or packed with something unknown. */
export async function* readTexts(file: InputFile, context: ReadContext): AsyncGenerator<InputText> {
  if (file.path === undefined) {
    yield* expand(memorySource(context.readStdin()), file.name, file.named, context, 0);
    return;
  }
  const {source, close} = openSource(file.path, file.name);
  try {
    yield* expand(source, file.name, file.named, context, 0);
  } finally {
    close();
  }
}

async function* expand(
  source: ByteSource,
  name: string,
  named: boolean,
  context: ReadContext,
  depth: number,
): AsyncGenerator<InputText> {
  const {budget} = context;
  const head = source.read(0, BLOCK);
  if (depth > MAX_DEPTH) throw archiveError(name, 'archives nested too deeply');
  refuseUnknown(head, name);
  const wanted = (member: string) => isWanted(member, name, context);
  if (isZip(head))
    for (const member of readZip(source, name, wanted, budget))
      yield* expand(memorySource(member.bytes), `${name}!${member.name}`, false, context, depth + 1);
  else if (isTar(head)) yield* expandTar(piecesOf(source), name, context, depth);
  else if (isGzip(head)) {
    const pieces = gunzip(source, name, budget)[Symbol.asyncIterator]();
    const [first, start] = await peek(pieces);
    if (isTar(start)) yield* expandTar(chain(first, pieces), name, context, depth);
    else
      yield* expand(memorySource(await collect(chain(first, pieces), name, budget)), name, named, context, depth + 1);
  } else {
    if (depth === 0) budget.read(source.size, name);
    yield {name, bytes: source.read(0, source.size), named};
  }
}

async function* expandTar(
  pieces: Pieces,
  name: string,
  context: ReadContext,
  depth: number,
): AsyncGenerator<InputText> {
  const wanted = (member: string) => isWanted(member, name, context);
  for await (const member of readTar(pieces, name, wanted, context.budget))
    yield* expand(memorySource(member.bytes), `${name}!${member.name}`, false, context, depth + 1);
}

function isWanted(member: string, archive: string, context: ReadContext): boolean {
  if (member.split('/').some(isHidden)) return false;
  const reason = whyLeftAside(member);
  if (reason !== undefined) context.leftAside(`${archive}!${member}`, reason);
  return reason === undefined && isDefinitionName(member);
}

/** Formats that people have and this does not read, by their first bytes. */
const unknown: readonly (readonly [string, readonly number[], string])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz -dc'],
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc'],
  ['Zstandard', [0x28, 0xb5, 0x2f, 0xfd], 'zstd -dc'],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf], '7z x -so'],
  ['RAR', [0x52, 0x61, 0x72, 0x21], 'unrar p -inul'],
  ['LZ4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
];

function refuseUnknown(head: Uint8Array, name: string): void {
  for (const [format, magic, command] of unknown)
    if (magic.every((byte, i) => head[i] === byte))
      throw archiveError(name, `packed with ${format}, which is not supported`, `${command} FILE | wirelay … -f -`);
}

type PieceIterator = AsyncIterator<Uint8Array> & AsyncIterable<Uint8Array>;

/** The first pieces, and enough of their bytes to see what they are. */
async function peek(pieces: PieceIterator): Promise<[Uint8Array[], Uint8Array]> {
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < BLOCK) {
    const next = await pieces.next();
    if (next.done) break;
    first.push(next.value);
    length += next.value.length;
  }
  return [first, concat(first, length)];
}

async function* chain(first: readonly Uint8Array[], rest: PieceIterator): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}

async function collect(pieces: AsyncIterable<Uint8Array>, name: string, budget: Budget): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    budget.read(piece.length, name);
    parts.push(piece);
    length += piece.length;
  }
  return concat(parts, length);
}

/** A file in place; what has no size (a pipe, a device) is read to its end. */
function openSource(path: string, name: string): {readonly source: ByteSource; close(): void} {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw archiveError(name, `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'error'}`);
  }
  const stat = fstatSync(descriptor);
  const close = () => closeSync(descriptor);
  if (stat.isFile()) {
    const read = (offset: number, length: number) => readAt(descriptor, offset, Math.min(length, stat.size - offset));
    return {source: {size: stat.size, read}, close};
  }
  try {
    return {source: memorySource(readToEnd(descriptor, name)), close};
  } catch (error) {
    close();
    throw error;
  }
}

function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(Math.max(0, length));
  let have = 0;
  while (have < out.length) {
    const got = readSync(descriptor, out, have, out.length - have, offset + have);
    if (got === 0) break;
    have += got;
  }
  return out.subarray(0, have);
}
