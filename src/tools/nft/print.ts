/** `nft list …` (nftables 1.0.6, src/rule.c): tables with their sets, maps and chains. */
import type {KeyType, NftChain, NftElement, NftSet, NftTable} from '../../control/kube-proxy/nft/model.js';
import {protocolNumber} from '../../control/kube-proxy/nft/model.js';
import type {SetElements} from '../../datapath/rule-model.js';
import {compareIp, formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {baseText, elementText, type NftFormat, ruleText} from './rule-text.js';

export const familyNames: Readonly<Record<4 | 6, 'ip' | 'ip6'>> = {4: 'ip', 6: 'ip6'};

export const keyTypes: Readonly<Record<KeyType, (family: 4 | 6) => readonly string[]>> = {
  service: (family) => [family === 4 ? 'ipv4_addr' : 'ipv6_addr', 'inet_proto', 'inet_service'],
  port: () => ['inet_proto', 'inet_service'],
  address: (family) => [family === 4 ? 'ipv4_addr' : 'ipv6_addr'],
};

/** What goes between braces of a table. */
export interface TableParts {
  /** The table itself: with its comment and handle. */
  readonly whole: boolean;
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
  /** Chains without their rules, objects without empty lines between: `list chains`, `list sets`. */
  readonly brief: boolean;
}

export function tableText(table: NftTable, parts: TableParts, live: SetElements, format: NftFormat): string {
  const {family} = table;
  const blocks = [
    ...parts.sets.map((set) => setText(set, family, live, format)),
    ...parts.chains.map((chain) => chainText(chain, family, format, !parts.brief)),
  ];
  const comment = parts.whole ? `\tcomment "${table.comment}"\n` : '';
  const handle = parts.whole ? handleText(table.handle, format) : '';
  return `table ${familyNames[family]} ${table.name} {${handle}\n${comment}${blocks.join(parts.brief ? '' : '\n')}}\n`;
}

function handleText(handle: number, {handles}: NftFormat): string {
  return handles ? ` # handle ${handle}` : '';
}

function setText(set: NftSet, family: 4 | 6, live: SetElements, format: NftFormat): string {
  const {name, key, verdicts, comment, timeout, handle} = set;
  const lines = [`type ${keyTypes[key](family).join(' . ')}${verdicts ? ' : verdict' : ''}`];
  if (timeout !== undefined)
    lines.push(
      'size 65535',
      'flags dynamic,timeout',
      `timeout ${format.numericTime ? `${timeout}s` : timeText(timeout * 1000)}`,
    );
  if (comment !== undefined) lines.push(`comment "${comment}"`);
  const elements = format.terse ? [] : elementTexts(set, family, live, format);
  if (elements.length > 0) lines.push(`elements = { ${elements} }`);
  const text = lines.map((line) => `\t\t${line}\n`).join('');
  return `\t${verdicts ? 'map' : 'set'} ${name} {${handleText(handle, format)}\n${text}\t}\n`;
}

/** IPv4 addresses two to a line, everything else one (src/expression.c, calculate_delim). */
function elementTexts(set: NftSet, family: 4 | 6, live: SetElements, format: NftFormat): string {
  const texts =
    set.timeout === undefined
      ? sortedElements(set).map((element) => elementText(element, format))
      : live(set).map(({ip, left}) => formatIp(ip) + (format.stateless ? '' : ` expires ${expiryText(left, format)}`));
  const inLine = family === 4 && set.key === 'address' ? 2 : 1;
  return texts.map((text, i) => (i === 0 ? text : `${i % inLine === 0 ? ',\n\t\t\t     ' : ', '}${text}`)).join('');
}

function expiryText(ms: number, {numericTime}: NftFormat): string {
  return numericTime ? `${Math.floor(ms / 1000)}s` : timeText(ms);
}

/** `2h59m58s688ms`: days, hours, minutes, seconds and milliseconds that are not zero (src/datatype.c, time_print). */
function timeText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const;
  let rest = Math.floor(ms);
  let text = '';
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * length;
  }
  return text || '0s';
}

/**
 * As nft sorts them: addresses by value, concatenations as one number whose last byte counts most (src/mergesort.c reads their
 * bytes, which are in network order, as a little-endian number).
 */
export function sortedElements(set: NftSet): readonly NftElement[] {
  const elements = [...set.elements.values()];
  return elements.sort(set.key === 'address' ? (a, b) => compareIp(a.ip ?? 0, b.ip ?? 0) : compareReversed);
}

function compareReversed(a: NftElement, b: NftElement): number {
  return (
    swapped(a.port) - swapped(b.port) ||
    (a.protocol && b.protocol ? protocolNumber(a.protocol) - protocolNumber(b.protocol) : 0) ||
    (a.ip !== undefined && b.ip !== undefined ? compareReversedIp(a.ip, b.ip) : 0)
  );
}

function swapped(x = 0): number {
  return ((x & 255) << 8) | (x >>> 8);
}

function compareReversedIp(a: Ip, b: Ip): number {
  if (isIp4(a) && isIp4(b)) {
    for (let shift = 0; shift < 32; shift += 8) {
      const difference = ((a >>> shift) & 255) - ((b >>> shift) & 255);
      if (difference !== 0) return difference;
    }
    return 0;
  }
  for (let i = 7; i >= 0; i--) {
    const difference = swapped(String(a).charCodeAt(i)) - swapped(String(b).charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return 0;
}

function chainText(chain: NftChain, family: 4 | 6, format: NftFormat, rules: boolean): string {
  const lines: string[] = [];
  if (chain.comment !== undefined) lines.push(`comment "${chain.comment}"`);
  if (chain.base) lines.push(baseText(chain.base, format.numericPriority));
  if (rules)
    for (const rule of chain.rules) lines.push(ruleText(rule, family, format) + handleText(rule.handle, format));
  return `\tchain ${chain.name} {${handleText(chain.handle, format)}\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}
