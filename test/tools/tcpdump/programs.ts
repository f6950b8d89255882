/** The two programs that are compared, and captures made for them. */
import {execFileSync, spawnSync} from 'node:child_process';
import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Io} from '../../../src/term/io.js';
import {MemoryOutput} from '../../../src/term/output.js';
import {tcpdumpMain} from '../../../src/tools/tcpdump/main.js';

process.env.TZ = 'UTC';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

/** The installed tcpdump. Bytes as Latin-1, so that nothing is lost. */
export function realTcpdump(args: readonly string[]): Outcome {
  const {stdout, stderr, status} = spawnSync('tcpdump', args, {
    env: {...process.env, TZ: 'UTC'},
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 30,
  });
  return {stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1'), status: status ?? -1};
}

/** Ours, in this process. */
export async function ourTcpdump(args: readonly string[], cwd = tmpdir()): Promise<Outcome> {
  const stdout = new MemoryOutput();
  const stderr = new MemoryOutput();
  const io: Io = {
    stdout,
    stderr,
    env: {},
    cwd,
    color: false,
    readStdin: () => new Uint8Array(0),
    onInterrupt: () => () => {},
  };
  const status = await tcpdumpMain(args, io);
  return {
    stdout: Buffer.from(stdout.bytes).toString('latin1'),
    stderr: Buffer.from(stderr.bytes).toString('latin1'),
    status,
  };
}

/** A folder of its own, and the way to remove it. Readable for all: tcpdump gives up root before it opens a second file. */
export function temporaryFolder(): {path: string; remove: () => void} {
  const path = mkdtempSync(join(tmpdir(), 'wirelay-tcpdump-'));
  chmodSync(path, 0o755);
  return {path, remove: () => rmSync(path, {recursive: true})};
}

/** Captures by subject: `captures.py` written with scapy into `folder`. */
export function makeCaptures(folder: string): string[] {
  const script = fileURLToPath(new URL('captures.py', import.meta.url));
  execFileSync('/usr/bin/python3', [script, folder], {stdio: ['ignore', 'ignore', 'pipe']});
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pcap'))
    .sort();
}

export interface CapturedPacket {
  readonly seconds: number;
  readonly micros: number;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
}

/** Packets of a little-endian microsecond capture, and its file header. */
export function readPackets(path: string): {header: Uint8Array; packets: CapturedPacket[]} {
  const file = readFileSync(path);
  const packets: CapturedPacket[] = [];
  for (let o = 24; o < file.length; ) {
    const length = file.readUInt32LE(o + 8);
    packets.push({
      seconds: file.readUInt32LE(o),
      micros: file.readUInt32LE(o + 4),
      wireLength: file.readUInt32LE(o + 12),
      bytes: file.subarray(o + 16, o + 16 + length),
    });
    o += 16 + length;
  }
  return {header: file.subarray(0, 24), packets};
}

export function capture(header: Uint8Array, packets: readonly CapturedPacket[]): Uint8Array {
  const parts: Uint8Array[] = [header];
  for (const {seconds, micros, wireLength, bytes} of packets) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(micros, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(wireLength, 12);
    parts.push(record, bytes);
  }
  return Buffer.concat(parts);
}
