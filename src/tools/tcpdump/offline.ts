/** -r and -V: packets from capture files. */
import {readFileSync} from 'node:fs';
import type {Cluster} from '../../cluster/model.js';
import {predicate} from '../../filter/predicate.js';
import {CaptureError, type CaptureReader, descriptorSource, openCapture} from '../../pcap-writer/index.js';
import type {Io} from '../../term/io.js';
import {type Arguments, failure} from './argv.js';
import {compile, expressionText, type FilterContext, listing} from './filter.js';
import {linkTypeText} from './link-types.js';
import {addressesOf, nameSource} from './names.js';
import type {Own} from './own/own.js';
import {openSink, type PacketSink} from './sink.js';
import {openPacketFile, type PacketFile, type WriteContext} from './write.js';

const LINUX_SLL2 = 276;

/** Runs to the end of the last file; the exit status. `cluster`: where names come from, if there is one. */
export async function runOffline(
  args: Arguments,
  io: Io,
  cluster: Cluster | undefined,
  device: DeviceNames,
  own: Own | undefined,
): Promise<number> {
  const files = args.listFile === undefined ? [args.readFile!] : fileList(args.listFile, io);
  let sink: PacketSink | undefined;
  let file: PacketFile | undefined;
  let status = 0;
  let linkType = -1;
  let passes = everything;
  for (const path of files) {
    const reader = open(path);
    announce(path, reader, io, sink === undefined);
    if (sink === undefined || reader.linktype !== linkType) {
      if (sink !== undefined && args.writeFile !== undefined) throw failure(`${path}: new dlt does not match original`);
      linkType = reader.linktype;
      passes = filterFor(args, reader, cluster, io);
    }
    if (sink === undefined) {
      file = openPacketFile(args, io, writeContext(reader));
      sink = await openSink(args, io, nameSource(cluster, device), file, own?.taker);
    }
    file?.source(reader);
    sink.begin(linkType);
    status = readAll(reader, own === undefined ? passes : withOwn(passes, reader, own), sink, io, own);
    file?.settle();
    reader.close();
    if (sink.fileLimitReached) {
      io.stderr.write(`Maximum file limit reached: ${args.fileCount}\n`);
      io.stderr.write("pcap_stats: Statistics aren't available from savefiles\n");
      break;
    }
    if (io.stdout.closed) break;
  }
  sink?.close();
  if (args.countOnly && sink !== undefined)
    io.stdout.write(`${sink.captured} packet${sink.captured === 1 ? '' : 's'}\n`);
  return status;
}

/** Rewritten captures keep link type and snapshot length; -G goes by the clock on the wall, as ever with files. */
function writeContext(reader: CaptureReader): WriteContext {
  const now = () => Math.floor(Date.now() / 1000);
  return {linktype: reader.linktype, snaplen: reader.snaplen, start: now(), arrival: now};
}

export type DeviceNames = (ifindex: number) => string | undefined;
type Passes = (bytes: Uint8Array, start: number, end: number, wireLength: number) => boolean;

const everything: Passes = () => true;

/** Our own options' filters behind the expression's. */
function withOwn(passes: Passes, reader: CaptureReader, own: Own): Passes {
  return (bytes, start, end, wireLength) =>
    passes(bytes, start, end, wireLength) && own.passes(reader.linktype, bytes, start, end, wireLength);
}

/** The lines of -V's file. */
function fileList(path: string, io: Io): readonly string[] {
  let text: string;
  try {
    text = path === '-' ? new TextDecoder('latin1').decode(io.readStdin()) : readFileSync(path, 'latin1');
  } catch {
    throw failure('Unable to open file: No such file or directory');
  }
  const names = text.split('\n').filter((name, i, all) => name !== '' || i < all.length - 1);
  if (names.length === 0) throw failure(`Nothing in ${path}`);
  return names;
}

function open(path: string): CaptureReader {
  try {
    return openCapture(path === '-' ? descriptorSource(0) : path);
  } catch (error) {
    if (error instanceof CaptureError) throw failure(error.message);
    throw error;
  }
}

/** `first` file of several: only there tcpdump warns about device names. */
function announce(path: string, reader: CaptureReader, io: Io, first: boolean): void {
  io.stderr.write(
    `reading from file ${path}, link-type ${linkTypeText(reader.linktype)}, snapshot length ${reader.snaplen}\n`,
  );
  if (first && reader.linktype === LINUX_SLL2) io.stderr.write('Warning: interface names might be incorrect\n');
}

function filterFor(args: Arguments, reader: CaptureReader, cluster: Cluster | undefined, io: Io): Passes {
  const text = expressionText(args, io);
  const context: FilterContext = {
    linkType: reader.linktype,
    savefile: true,
    swapped: false,
    snaplen: reader.snaplen,
    ...(cluster === undefined ? {} : {host: (name: string) => addressesOf(cluster, name)}),
  };
  const program = compile(text, args, context);
  if (args.dumpProgram > 0) throw listing(program, args);
  return text.trim() === '' ? everything : predicate(program);
}

/** Reads one file; 1 when it is broken somewhere, with everything before that point delivered. */
function readAll(reader: CaptureReader, passes: Passes, sink: PacketSink, io: Io, own: Own | undefined): number {
  try {
    for (;;) {
      const record = reader.next();
      if (record === undefined) break;
      const {bytes, start, end, wireLength} = record;
      if (!passes(bytes, start, end, wireLength)) continue;
      if (own !== undefined) own.place = {interface: reader.interfaces[record.interfaceIndex]?.name};
      if (!sink.packet(record.sec, record.nsec, bytes, start, end, wireLength)) break;
    }
    sink.flush();
    return 0;
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
    sink.flush();
    io.stderr.write(`tcpdump: pcap_loop: ${error.message}\n`);
    return 1;
  }
}
