/** Listings and messages against the real tcpdump 4.99.3 with libpcap 1.10.3. */
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, it} from 'vitest';
import {describeWith} from '../oracle.js';
import {chain, damaged, expression, random, tokens} from './expressions.js';
import {compiled, expressions, oracleListing, pcapFile} from './support.js';

const LINK_TYPES: readonly (readonly [string, number])[] = [
  ['RAW', 12],
  ['LINUX_SLL', 113],
  ['LINUX_SLL2', 276],
  ['NULL', 0],
  ['LOOP', 108],
  ['IPV4', 228],
  ['IPV6', 229],
  ['PPP', 9],
  ['PPP_SERIAL', 50],
  ['PPP_ETHER', 51],
  ['C_HDLC', 104],
  ['SLIP', 8],
  ['PPP_PPPD', 166],
  ['USB_LINUX', 189],
  ['NETLINK', 253],
];

/** Each is too long for one jump somewhere. */
function longExpressions(): string[] {
  const list = (count: number, make: (i: number) => string) => Array.from({length: count}, (_, i) => make(i));
  return [
    list(120, (i) => `host 10.0.${i % 7}.${i}`).join(' or '),
    list(80, (i) => `not net 10.${i}.0.0/16`).join(' and '),
    list(40, (i) => `(port ${i} and host 10.0.0.${i})`).join(' or '),
    list(90, (i) => `tcp[${i}] = ${i}`).join(' or '),
    `geneve and (${list(40, (i) => `port ${i}`).join(' or ')})`,
    `udp and (${list(300, (i) => `len = ${i}`).join(' or ')})`,
  ];
}

const seed = Number(process.env.WIRELAY_SEED ?? 20_260_805);
const factor = Number(process.env.WIRELAY_CASES ?? 1);

function randomExpressions(count: number, from: number): string[] {
  const r = random(from);
  return Array.from({length: Math.round(count * factor)}, () => {
    const text = expression(r);
    return r() < 0.1 ? damaged(r, text) : text;
  });
}

interface Kind {
  readonly savefile?: boolean;
  readonly vlanMetadata?: boolean;
}

/** Compares both with and without the optimizer; returns the number of cases and of refused ones. */
function compare(list: readonly string[], source: readonly string[], linktype: number, kind: Kind = {}): string {
  let [cases, refused] = [0, 0];
  for (const text of list) {
    for (const optimize of [false, true]) {
      const wanted = oracleListing(text, source, optimize);
      const label = `${source.join(' ')}${optimize ? '' : ' -O'} '${text}'`;
      expect(`${label}\n${compiled(text, {linktype, optimize, ...kind})}`).toBe(`${label}\n${wanted}`);
      cases++;
      if (!wanted.startsWith('(000)')) refused++;
    }
  }
  return `${cases} listings and messages equal (${refused} messages)`;
}

function canOpenLoopback(): boolean {
  return spawnSync('tcpdump', ['-i', 'lo', '-d', 'ip']).status === 0;
}

describeWith(['tcpdump'], 'filters compile as in libpcap 1.10.3', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-filter-'));
  afterAll(() => rmSync(folder, {recursive: true}));

  it('each keyword and message, Ethernet', () => {
    console.log(`filter: ${compare(expressions, ['-y', 'EN10MB'], 1)}`);
  });

  it('random expressions, Ethernet', () => {
    console.log(`filter: random, seed ${seed}: ${compare(randomExpressions(450, seed), ['-y', 'EN10MB'], 1)}`);
  });

  it('sequences of tokens, chains of identifiers', () => {
    const r = random(seed + 2);
    const list = Array.from({length: Math.round(250 * factor)}, (_, i) => (i % 2 === 0 ? tokens(r) : chain(r)));
    console.log(`filter: without grammar: ${compare(list, ['-y', 'EN10MB'], 1)}`);
  });

  it('expressions with far jumps', () => {
    console.log(`filter: long: ${compare(longExpressions(), ['-y', 'EN10MB'], 1)}`);
  });

  it.skipIf(!canOpenLoopback())('random expressions with vlan, live device', () => {
    const list = randomExpressions(1500, seed + 1).filter((text) => /vlan|bound|ifindex/.test(text));
    const all = ['vlan', 'vlan 5', 'vlan 5 and vlan 6 and ip', 'icmp and vlan 7', 'not vlan or tcp', ...list];
    console.log(`filter: live: ${compare(all, ['-i', 'lo'], 1, {vlanMetadata: true})}`);
  });

  it.each(LINK_TYPES)('random expressions, %s', (name, linktype) => {
    const list = randomExpressions(40, seed + linktype);
    console.log(`filter: ${name}: ${compare(list, ['-y', name], linktype)}`);
  });

  it.each([1, 0, 113, 276])('from a file of link type %i', (linktype) => {
    const file = join(folder, `${linktype}.pcap`);
    writeFileSync(file, pcapFile(linktype, []));
    const list = ['inbound', 'outbound', 'ifindex 3', 'ip6', 'ip6 host fd00::1', 'port 80', 'ip broadcast', 'vlan 5'];
    console.log(`filter: file of ${linktype}: ${compare(list, ['-r', file], linktype, {savefile: true})}`);
  });
});
