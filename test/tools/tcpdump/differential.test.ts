/** Ours against the installed tcpdump 4.99.3: whole captures × options, packets cut at every length, packets with bytes changed. */
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, it} from 'vitest';
import {undecodedPorts} from '../../../src/tools/tcpdump/print/ports.js';
import {describeWith} from '../../oracle.js';
import {
  type CapturedPacket,
  capture,
  makeCaptures,
  type Outcome,
  ourTcpdump,
  readPackets,
  realTcpdump,
  temporaryFolder,
} from './programs.js';

const optionSets = [
  '-nn',
  '-nn -v',
  '-nn -vv -t',
  '-nn -vvv -e',
  '-nn -e -tttt',
  '-nn -q -ttt',
  '-nn -q -e -v -ttttt',
  '-nn -qq',
  '-nn -X -S',
  '-nn -v -b -t',
  '-nn -XX -e -#',
  '-nn -x -K -vv -tt',
  '-nn -xx',
  '-nn -A',
  '-nn -AA --nano',
] as const;

/** First line that differs, for the message of a failure. */
function difference(ours: string, real: string): string {
  const [a, b] = [ours.split('\n'), real.split('\n')];
  const at = b.findIndex((line, i) => line !== a[i]);
  return at < 0 ? `ours has ${a.length - b.length} lines more` : `line ${at + 1}\n  ours ${a[at]}\n  real ${b[at]}`;
}

function expectSame(ours: Outcome, real: Outcome, title: string): void {
  if (ours.stdout !== real.stdout) expect.fail(`${title}: ${difference(ours.stdout, real.stdout)}`);
  expect(ours.stderr, title).toBe(real.stderr);
  expect(ours.status, title).toBe(real.status);
}

describeWith(['tcpdump', 'scapy'], 'tcpdump -r, against tcpdump 4.99.3', () => {
  const folder = temporaryFolder();
  let captures: string[] = [];
  let cases = 0;

  beforeAll(() => {
    captures = makeCaptures(folder.path);
  });
  afterAll(() => {
    console.log(`tcpdump: ${cases} packets printed by both programs`);
    folder.remove();
  });

  it('prints every capture alike under every set of options', async () => {
    expect(captures.length).toBeGreaterThan(15);
    for (const name of captures) {
      const path = join(folder.path, name);
      for (const options of optionSets) {
        const args = ['-r', path, ...options.split(' ')];
        expectSame(await ourTcpdump(args), realTcpdump(args), `${name} ${options}`);
        cases += readPackets(path).packets.length;
      }
    }
  });

  it.each(['-nn -t', '-nn -t -vvv -e -X', '-nn -t -v -A'])(
    'prints packets cut at every length alike: %s',
    async (options) => {
      const path = join(folder.path, 'cut.capture');
      for (const name of captures) {
        const {header, packets} = readPackets(join(folder.path, name));
        const step = Math.max(1, Math.floor(packets.reduce((sum, p) => sum + p.bytes.length, 0) / 15_000));
        const cut = packets.flatMap((packet, i) =>
          Array.from(packet.bytes.keys())
            .filter((n) => n > 0 && (n + i) % step === 0)
            .map((n) => ({...packet, bytes: packet.bytes.subarray(0, n)})),
        );
        writeFileSync(path, capture(header, cut));
        const args = ['-r', path, ...options.split(' ')];
        expectSame(await ourTcpdump(args), realTcpdump(args), `${name} cut, ${options}`);
        cases += cut.length;
      }
    },
  );

  it.each(['-vvv -e', '-v'])('prints damaged packets alike, or as undecoded: -nn -t -S %s', async (options) => {
    const path = join(folder.path, 'damaged.capture');
    const random = generator(20_000 + options.length);
    let excused = 0;
    let total = 0;
    for (const name of captures) {
      const {header, packets} = readPackets(join(folder.path, name));
      const damaged = Array.from({length: 1500}, () => damage(packets[random(packets.length)]!, random));
      writeFileSync(path, capture(header, damaged));
      const args = ['-r', path, '-nn', '-t', '-S', '-#', ...options.split(' ')];
      const [ours, real] = [await ourTcpdump(args), realTcpdump(args)];
      expect(ours.status, name).toBe(real.status);
      const [a, b] = [byPacket(ours.stdout), byPacket(real.stdout)];
      expect(a.length, name).toBe(b.length);
      for (const [i, text] of a.entries()) {
        total++;
        if (text === b[i]) continue;
        if (!isUndecoded(text)) expect.fail(`${name} ${options}: ${difference(text, b[i]!)}`);
        excused++;
      }
    }
    cases += total - excused;
    expect(excused).toBeLessThan(total / 20);
  });
});

/** A small generator of whole numbers below `n`, the same on each run. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * n);
  };
}

/** One to three bytes changed behind the link addresses, and every third packet cut. */
function damage(packet: CapturedPacket, random: (n: number) => number): CapturedPacket {
  const bytes = Uint8Array.from(packet.bytes);
  const from = bytes.length > 14 ? 12 : 0;
  for (let i = random(3); i >= 0; i--) {
    const at = from + random(Math.min(bytes.length, random(2) === 0 ? 60 : 2000) - from);
    const kind = random(3);
    bytes[at] =
      kind === 0 ? bytes[at]! ^ (1 << random(8)) : kind === 1 ? random(256) : [0, 1, 0x7f, 0x80, 0xff][random(5)]!;
  }
  const length = random(3) === 0 ? 1 + random(bytes.length) : bytes.length;
  return {...packet, bytes: bytes.subarray(0, length)};
}

/** Texts of packets printed with -#. */
function byPacket(stdout: string): string[] {
  const texts: string[] = [];
  let next = 1;
  for (const line of stdout.split('\n')) {
    if (line.startsWith(`${String(next).padStart(5)}  `)) {
      texts.push(line);
      next++;
    } else if (texts.length > 0) texts[texts.length - 1] += `\n${line}`;
  }
  return texts;
}

/** IP protocols and ethertypes that tcpdump prints and we show as unknown. */
const undecodedProtocols = new Set([8, 9, 33, 46, 55, 113]);
const undecodedEtherTypes =
  /ethertype (DN|Appletalk|Appletalk ARP|IPX|OSI|Realtek protocols|MPCP|CFM|CFM \(old\)|TIPC|MS NLB heartbeat|GeoNet|GeoNet \(old\)|CALM FAST|AoE|802\.1AE MACsec|Arista Vendor Specific Protocol|Unknown) \(0x/;

/** UDP ports that may carry AppleTalk. */
function isAppleTalkPort(port: number): boolean {
  return [200, 768, 16512].some((first) => port >= first && port < first + 128);
}

/** Did our text fall back where this program has no printer? */
function isUndecoded(text: string): boolean {
  const protocols = [...text.matchAll(/ip-proto-(\d+)/g)].map((match) => Number(match[1]));
  if (protocols.some((protocol) => undecodedProtocols.has(protocol))) return true;
  if (undecodedEtherTypes.test(text) || / (geneve|gre)-proto-0x/.test(text)) return true;
  if (
    /Unnumbered|OSI (Supervisory|Information)|SNAP|LLC|802\.3|label|AF (Appletalk|IPX|ISO) /.test(text) ||
    /(length \d+: |\d {2}| {2,}(In|Out|[BMP?])) *(\n|$)/.test(text)
  )
    return true;
  if (/(OSI|IPX|VJC IP) *(\n|$)|unknown CHDLC protocol \(0xfefe\)/.test(text)) return true;
  if (/AFI: (NSAP|Layer-2 VPN|VPLS) |SAFI: (Route Target|MDT|Multicast VPN)/.test(text)) return true;
  const ends = [...text.matchAll(/[. ](\d+) > (?:[0-9a-f.:]*\.)?(\d+): /g)];
  return ends.some(([, from, to]) =>
    [Number(from), Number(to)].some(
      (port) => undecodedPorts.udp.has(port) || undecodedPorts.tcp.has(port) || isAppleTalkPort(port),
    ),
  );
}
