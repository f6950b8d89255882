/**
 * `wirelay tcpdump -r` beside the installed tcpdump, on the same captures in the same run: a million Geneve/TCP frames of 200 flows,
 * frames of 65,536 hosts, over which the real one's table of names degenerates (it is given a time limit), and a mix in which
 * hardly a flow comes twice.
 * user + sys seconds of whole processes, median of interleaved runs, TZ=UTC, output to the null device.
 */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';
import {fileSink, PcapWriter} from '../../src/pcap-writer/index.js';
import {fromHex, set16, set32} from '../../src/wire/bytes.js';
import {checksum, pseudoSum4, pseudoSum6} from '../../src/wire/checksum.js';

const FRAMES = 1_000_000;
const FLOWS = 200;
const HOSTS = 65_536;
/** ms that the real tcpdump gets for the many hosts. */
const LIMIT = 30_000;

export interface TcpdumpResult {
  readonly name: string;
  /** user + sys, s; Infinity where the time limit ended the run. */
  readonly real: number;
  readonly ours: number;
  /** Start of either program (one packet read), s, to be taken off. */
  readonly realStart: number;
  readonly oursStart: number;
  /** Peak resident set of ours, MiB. */
  readonly memory: number;
}

const OUTER_IP = 14;
const INNER_IP = 64;
const TCP = INNER_IP + 20;
const TCP_LENGTH = 32 + 18;

/** Ethernet, IPv4, UDP without checksum, Geneve, Ethernet, IPv4, TCP with timestamps, 18 bytes. */
const TEMPLATE = `02420a000006 02420a000005 0800  45000078 00004000 40110000 0a000005 0a000006  a11017c1 00640000
  00006558 00086100  0ebb0000010a 0aaa0000010a 0800  45000046 00004000 40060000 0a200000 0a210000
  9c402328 00000000 00001388 801801f5 00000000 0101080a 00000000 00000000  ${'61'.repeat(18)}`;

/** One segment each of `flows` conversations, in turn, until there are `frames`. */
function writeCapture(path: string, frames: number, flows: number): void {
  const writer = new PcapWriter(fileSink(path));
  const b = fromHex(TEMPLATE);
  for (let i = 0; i < frames; i++) {
    const flow = i % flows;
    set16(b, OUTER_IP + 4, i);
    set16(b, OUTER_IP + 10, 0);
    set16(b, OUTER_IP + 10, checksum(b, OUTER_IP, OUTER_IP + 20));
    set16(b, OUTER_IP + 20, 0x8000 | ((flow * 7919) & 0x7fff));
    set16(b, INNER_IP + 4, i);
    set16(b, INNER_IP + 10, 0);
    set16(b, INNER_IP + 14, flow);
    set16(b, INNER_IP + 18, flow % 50);
    set16(b, INNER_IP + 10, checksum(b, INNER_IP, INNER_IP + 20));
    set16(b, TCP, 40_000 + (flow % 1000));
    set32(b, TCP + 4, 1000 + 18 * Math.floor(i / flows));
    set32(b, TCP + 24, 1000 + i);
    set32(b, TCP + 28, 900 + i);
    set16(b, TCP + 16, 0);
    set16(b, TCP + 16, checksum(b, TCP, TCP + TCP_LENGTH, pseudoSum4(b, INNER_IP, 6, TCP_LENGTH)));
    writer.packet(1_700_000_000 + Math.floor(i / 100_000), (i % 100_000) * 10_000, b);
  }
  writer.close();
}

const MIXED_HOSTS = 500;

/** TCP, UDP and ICMP between random hosts, ports and numbers, six in ten in Geneve, one in ten IPv6, of 0 to 1400 bytes. */
function writeMixed(path: string, frames: number): void {
  const writer = new PcapWriter(fileSink(path));
  let state = 12345;
  const random = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
  const random32 = () => random(0x10000) * 0x10000 + random(0x10000);
  for (let i = 0; i < frames; i++) {
    const kind = random(100);
    const v6 = kind >= 90;
    const protocol = v6 || kind < 55 ? 6 : kind < 80 ? 17 : 1;
    const outer = random(10) < 6 ? INNER_IP - 14 : 0;
    const ip = outer + 14;
    const l4 = ip + (v6 ? 40 : 20);
    const payload = random(3) === 0 ? 0 : random(random(2) === 0 ? 200 : 1400);
    const length = (protocol !== 6 ? 8 : random(2) === 0 ? 32 : 20) + payload;
    const b = new Uint8Array(l4 + length);
    if (outer > 0) {
      b.set(fromHex(TEMPLATE).subarray(0, outer));
      set16(b, OUTER_IP + 2, b.length - 14);
      b[OUTER_IP + 15] = random(20);
      b[OUTER_IP + 19] = random(20);
      set16(b, OUTER_IP + 10, checksum(b, OUTER_IP, OUTER_IP + 20));
      set16(b, OUTER_IP + 20, 0x8000 | random(0x8000));
      set16(b, OUTER_IP + 24, b.length - OUTER_IP - 20);
    }
    b.set([2, 1, 2, 3, 4, random(200), 2, 1, 2, 3, 4, random(200), v6 ? 0x86 : 8, v6 ? 0xdd : 0], outer);
    if (v6) {
      b.set([0x60, 0, 0, 0, length >> 8, length & 255, 6, 64], ip);
      for (const address of [ip + 8, ip + 24]) b.set([0xfd, 0, 0, 0, 0, 0, 0, random(16)], address);
      for (const address of [ip + 8, ip + 24]) set16(b, address + 14, random(MIXED_HOSTS));
    } else {
      b.set([0x45, 0, (20 + length) >> 8, (20 + length) & 255, random(256), random(256), 0x40, 0, 63, protocol], ip);
      for (const address of [ip + 12, ip + 16]) set32(b, address, 0x0a000000 + 7919 * random(MIXED_HOSTS));
      set16(b, ip + 10, checksum(b, ip, ip + 20));
    }
    for (let at = b.length - payload; at < b.length; at++) b[at] = random(256);
    writeTransport(b, l4, protocol, length - payload, random, random32);
    const sum = l4 + (protocol === 6 ? 16 : protocol === 17 ? 6 : 2);
    const pseudo = protocol === 1 ? 0 : v6 ? pseudoSum6(b, ip, 6, length) : pseudoSum4(b, ip, protocol, length);
    set16(b, sum, checksum(b, l4, b.length, pseudo));
    writer.packet(1_700_000_000 + Math.floor(i / 100_000), (i % 100_000) * 10_000, b);
  }
  writer.close();
}

/** Header of a segment, datagram or echo, its checksum left 0. */
function writeTransport(
  b: Uint8Array,
  o: number,
  protocol: number,
  header: number,
  random: (n: number) => number,
  random32: () => number,
): void {
  if (protocol === 1) {
    b.set([random(2) * 8, 0, 0, 0], o);
    set32(b, o + 4, random32());
    return;
  }
  set16(b, o, 11_000 + random(1000));
  set16(b, o + 2, [9999, 443, 8443, 5432, 3306][random(5)]!);
  if (protocol === 17) {
    set16(b, o + 4, b.length - o);
    return;
  }
  set32(b, o + 4, random32());
  set32(b, o + 8, random32());
  b.set([header << 2, random(4) === 0 ? 0x10 : random(20) === 0 ? 2 : 0x18, random(256), random(256)], o + 12);
  if (header === 20) return;
  set32(b, o + 20, 0x0101080a);
  set32(b, o + 24, random32());
  set32(b, o + 28, random32());
}

interface Run {
  readonly seconds: number;
  readonly memory: number;
}

/** One process: user + sys seconds, and peak memory, as the kernel counts them for a child (`getrusage`). */
function measure(argv: readonly string[], limit = 0): Run {
  const script = `
import resource, subprocess, sys
limit = float(sys.argv[1]) / 1000
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    status = process.wait(timeout=limit if limit > 0 else None)
except subprocess.TimeoutExpired:
    process.kill()
    process.wait()
    status = -1
u = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, u.ru_utime + u.ru_stime, u.ru_maxrss / 1024)`;
  const run = spawnSync('/usr/bin/python3', ['-c', script, String(limit), ...argv], {
    env: {...process.env, TZ: 'UTC'},
    encoding: 'utf8',
  });
  const [status, seconds = Number.NaN, memory = 0] = run.stdout.split(' ').map(Number);
  if (limit > 0 && status !== 0) return {seconds: Number.POSITIVE_INFINITY, memory};
  if (status !== 0) throw new Error(`${argv.join(' ')}: exit ${status}: ${run.stderr}`);
  return {seconds, memory};
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** The commands of a capture that are compared. */
const commands: readonly (readonly string[])[] = [
  ['-nn'],
  ['-nn', '-vv'],
  ['-nn', '-e', '-XX'],
  ['--count', 'geneve', 'and', 'tcp'],
  ['-w', '/dev/null', 'udp', 'port', '6081'],
];

function compare(path: string, tiny: string, args: readonly string[], runs: number, limit = 0): TcpdumpResult {
  const real = ['tcpdump'];
  const ours = [process.execPath, 'bin/run.js', 'tcpdump'];
  const seconds: [number[], number[], number[], number[]] = [[], [], [], []];
  let memory = 0;
  for (let run = 0; run < runs; run++) {
    seconds[0].push(measure([...real, '-r', path, ...args], limit).seconds);
    const measured = measure([...ours, '-r', path, ...args]);
    seconds[1].push(measured.seconds);
    seconds[2].push(measure([...real, '-r', tiny, ...args]).seconds);
    seconds[3].push(measure([...ours, '-r', tiny, ...args]).seconds);
    memory = Math.max(memory, measured.memory);
  }
  const [realAll, oursAll, realStart, oursStart] = seconds.map(median) as [number, number, number, number];
  return {name: args.join(' '), real: realAll, ours: oursAll, realStart, oursStart, memory};
}

/** Undefined where tcpdump is not installed. */
export function benchTcpdump(runs = 3, frames = FRAMES): TcpdumpResult[] | undefined {
  if (spawnSync('tcpdump', ['--version']).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const names = ['flows.pcap', 'hosts.pcap', 'one.pcap', 'mixed.pcap'];
    const [big, hosts, tiny, mixed] = names.map((name) => join(folder, name));
    writeCapture(big!, frames, FLOWS);
    writeCapture(hosts!, frames, HOSTS);
    writeCapture(tiny!, 1, 1);
    writeMixed(mixed!, frames / 2);
    const results = commands.map((args) => compare(big!, tiny!, args, runs));
    const many = compare(hosts!, tiny!, ['-nn'], 1, LIMIT);
    const mix = commands.map((args) => compare(mixed!, tiny!, args, runs));
    return [
      ...results,
      {...many, name: `-nn, ${HOSTS.toLocaleString('en')} hosts`},
      ...mix.map((result) => ({...result, name: `mix: ${result.name}`})),
    ];
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** One line per command; how many times as fast as the real one, whole and without the start of either. */
export function tcpdumpTable(results: readonly TcpdumpResult[]): string {
  const rows = results.map((r) => {
    const real = Number.isFinite(r.real) ? `${r.real.toFixed(2)} s` : `> ${LIMIT / 1000} s`;
    const whole = (Number.isFinite(r.real) ? r.real : LIMIT / 1000) / r.ours;
    const loop = ((Number.isFinite(r.real) ? r.real : LIMIT / 1000) - r.realStart) / (r.ours - r.oursStart);
    return (
      `${r.name.padEnd(31)} tcpdump ${real.padStart(8)}   wirelay ${r.ours.toFixed(2).padStart(6)} s   ${whole.toFixed(2).padStart(6)} × as fast, ` +
      `${loop.toFixed(2).padStart(6)} × without start-up   ${r.memory.toFixed(0)} MiB`
    );
  });
  return `${rows.join('\n')}\n`;
}

if (/^tcpdump\./.test(basename(process.argv[1] ?? ''))) {
  const results = benchTcpdump();
  process.stdout.write(results === undefined ? 'tcpdump is not installed\n' : tcpdumpTable(results));
}
