/** A rule as iptables 1.8.9 prints it: as arguments (-S, iptables-save) and as the end of a line of -L. */
import type {Match, Protocol, Rule, Table, Target} from '../../control/kube-proxy/model.js';
import {fixed} from '../../control/kube-proxy/rule.js';
import type {RuleCounters} from '../../datapath/rule-model.js';
import {serviceName} from '../../filter/services.js';
import {formatIp, formatIpPort, formatPrefix} from '../../wire/addr.js';

/** Texts that differ between the families. */
interface FamilyTexts {
  readonly rejectWith: string;
  /** The mask of `recent`: whole addresses. */
  readonly recentMask: string;
  readonly anywhere: string;
}

export const familyTexts: Readonly<Record<4 | 6, FamilyTexts>> = {
  4: {rejectWith: 'icmp-port-unreachable', recentMask: '255.255.255.255', anywhere: '0.0.0.0/0'},
  6: {rejectWith: 'icmp6-port-unreachable', recentMask: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', anywhere: '::/0'},
};

export const protocolNumbers: Readonly<Record<Protocol, number>> = {tcp: 6, udp: 17, sctp: 132};

/** Quoted where it holds more than letters, digits, `_` and `-` (libxtables xtables_save_string). */
function quoted(text: string): string {
  return /^[\w-]+$/.test(text) ? text : `"${text.replaceAll(/["\\']/g, '\\$&')}"`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

const probabilities = new Map<number, string>();

function probability(below: number): string {
  let text = probabilities.get(below);
  if (text === undefined) probabilities.set(below, (text = fixed(below / 2 ** 31, 11)));
  return text;
}

/** `-A CHAIN …`; `counters`: ` -c P B`, which goes before the target. */
export function ruleArguments(chain: string, rule: Rule, family: 4 | 6, counters = ''): string {
  let text = `-A ${chain}`;
  const {source, destination, protocol} = rule;
  if (source) text += `${source.not ? ' !' : ''} -s ${formatPrefix(source.prefix)}`;
  if (destination) text += `${destination.not ? ' !' : ''} -d ${formatPrefix(destination.prefix)}`;
  if (protocol) text += ` -p ${protocol}`;
  for (const match of rule.matches) text += matchArguments(match, rule, family);
  text += counters;
  return rule.target ? text + targetArguments(rule.target, family) : text;
}

function matchArguments(match: Match, {protocol}: Rule, family: 4 | 6): string {
  switch (match.kind) {
    case 'comment':
      return ` -m comment --comment ${quoted(match.text)}`;
    case 'conntrack':
      return ` -m conntrack${match.not ? ' !' : ''} --ctstate ${match.states.join(',')}`;
    case 'mark':
      return ` -m mark${match.not ? ' !' : ''} --mark ${hex(match.value)}/${hex(match.mask)}`;
    case 'local':
      return ` -m addrtype${match.not ? ' !' : ''} --${match.side}-type LOCAL`;
    case 'set':
      return ` -m set --match-set ${match.name} ${match.directions}`;
    case 'not-bridged':
      return ' -m physdev ! --physdev-is-in';
    case 'ipvs':
      return ` -m ipvs --vproto ${protocolNumbers[match.protocol]} --vaddr ${formatIp(match.ip)} --vport ${match.port}`;
    case 'recent-set':
      return ` -m recent --set --name ${match.name} --mask ${familyTexts[family].recentMask} --rsource`;
    case 'recent-check':
      return ` -m recent --rcheck --seconds ${match.seconds} --reap --name ${match.name} --mask ${familyTexts[family].recentMask} --rsource`;
    case 'statistic':
      return ` -m statistic --mode random --probability ${probability(match.below)}`;
    case 'multiport':
      return ` -m multiport --dports ${match.dports.join(',')}`;
    case 'l4':
      return ` -m ${protocol}${match.dport === undefined ? '' : ` --dport ${match.dport}`}`;
  }
}

function targetArguments(target: Target, family: 4 | 6): string {
  switch (target.kind) {
    case 'jump':
      return ` -j ${target.chain}`;
    case 'REJECT':
      return ` -j REJECT --reject-with ${familyTexts[family].rejectWith}`;
    case 'MARK':
      return ` -j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'MASQUERADE':
      return ` -j MASQUERADE${target.random === false ? '' : ' --random-fully'}`;
    case 'DNAT':
      return ` -j DNAT --to-destination ${formatIpPort(target.ip, target.port)}`;
    default:
      return ` -j ${target.kind}`;
  }
}

/** What -L prints behind the addresses, each part with a space in front. */
export function ruleDetails(rule: Rule, family: 4 | 6, numeric: boolean): string {
  const matches = rule.matches.map((match) => ` ${matchDetails(match, rule, family, numeric)}`).join('');
  return matches + targetDetails(rule.target, family);
}

function matchDetails(match: Match, {protocol}: Rule, family: 4 | 6, numeric: boolean): string {
  const {recentMask} = familyTexts[family];
  switch (match.kind) {
    case 'comment':
      return `/* ${match.text} */`;
    case 'conntrack':
      return `${match.not ? '! ' : ''}ctstate ${match.states.join(',')}`;
    case 'mark':
      return `mark match ${match.not ? '! ' : ''}${hex(match.value)}/${hex(match.mask)}`;
    case 'local':
      return `ADDRTYPE match ${match.side}-type ${match.not ? '!' : ''}LOCAL`;
    case 'set':
      return `match-set ${match.name} ${match.directions}`;
    case 'not-bridged':
      return 'PHYSDEV match ! --physdev-is-in';
    case 'ipvs':
      return `vproto ${protocolNumbers[match.protocol]} vaddr ${formatIp(match.ip)} vport ${match.port}`;
    case 'recent-set':
      return `recent: SET name: ${match.name} side: source mask: ${recentMask}`;
    case 'recent-check':
      return `recent: CHECK seconds: ${match.seconds} reap name: ${match.name} side: source mask: ${recentMask}`;
    case 'statistic':
      return `statistic mode random probability ${probability(match.below)}`;
    case 'multiport':
      return `multiport dports ${match.dports.map((port) => portText(protocol!, port, numeric)).join(',')}`;
    case 'l4':
      return match.dport === undefined ? protocol! : `${protocol} dpt:${portText(protocol!, match.dport, numeric)}`;
  }
}

function portText(protocol: Protocol, port: number, numeric: boolean): string {
  return (numeric || protocol === 'sctp' ? undefined : serviceName(protocol, port)) ?? String(port);
}

function targetDetails(target: Target | undefined, family: 4 | 6): string {
  switch (target?.kind) {
    case 'REJECT':
      return ` reject-with ${familyTexts[family].rejectWith}`;
    case 'MARK':
      return ` MARK ${target.mask === target.value ? 'or' : 'xor'} ${hex(target.value)}`;
    case 'MASQUERADE':
      return target.random === false ? '' : ' random-fully';
    case 'DNAT':
      return ` to:${formatIpPort(target.ip, target.port)}`;
    default:
      return '';
  }
}

/** How many rules of a table jump to each chain. */
export function references(table: Table): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const {rules} of table.chains.values())
    for (const {target} of rules)
      if (target?.kind === 'jump') counts.set(target.chain, (counts.get(target.chain) ?? 0) + 1);
  return counts;
}

const zero = {packets: 0, bytes: 0};
/** Rules as they have just been installed. */
export const noCounters: RuleCounters = {rule: () => zero, policy: () => zero};
