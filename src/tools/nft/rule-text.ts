/** Rules in nft's words (nftables 1.0.6, src/statement.c, src/expression.c). */

import type {Protocol} from '../../control/kube-proxy/model.js';
import {
  type NftBase,
  type NftElement,
  type NftPart,
  type NftRule,
  type NftVerdict,
  protocolNumber,
} from '../../control/kube-proxy/nft/model.js';
import {serviceName} from '../../filter/services.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {intervalsOf, intervalText} from './intervals.js';

/** Which of nft's names are numbers, or numbers names. */
export interface NftFormat {
  /** -p, -n. */
  readonly numericProtocol: boolean;
  /** -y, -n. */
  readonly numericPriority: boolean;
  /** -T, -n. */
  readonly numericTime: boolean;
  /** -n: also states and address types. */
  readonly numeric: boolean;
  /** -S. */
  readonly services: boolean;
  /** -t. */
  readonly terse: boolean;
  /** -s. */
  readonly stateless: boolean;
  /** -a. */
  readonly handles: boolean;
}

export function ruleText({parts, comment}: NftRule, family: 4 | 6, format: NftFormat): string {
  const text = parts.map((part) => partText(part, family, format)).join(' ');
  return comment === undefined ? text : `${text} comment "${comment}"`;
}

function partText(part: NftPart, family: 4 | 6, format: NftFormat): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  switch (part.kind) {
    case 'ct-new':
      return `ct state ${format.numeric ? '0x8' : 'new'}`;
    case 'address': {
      const [only, ...more] = part.prefixes;
      const texts = intervalsOf(part.prefixes).map(intervalText);
      const several = only === undefined || more.length > 0;
      return `${ip} ${part.side} ${part.not ? '!= ' : ''}${several ? `{ ${texts.join(', ')} }` : texts[0]}`;
    }
    case 'in-set':
      return `${ip} ${part.side} @${part.set}`;
    case 'dport':
      return `${part.protocol} dport ${portText(part.port, format)}`;
    case 'local':
      return `fib ${part.side} type ${format.numeric ? '2' : 'local'}`;
    case 'vmap':
      return `${part.key === 'service' ? `${ip} daddr . ` : ''}meta l4proto . th dport vmap @${part.map}`;
    case 'random': {
      const ways = part.chains.map((chain, i) => `${i} : goto ${chain}`);
      return `numgen random mod ${ways.length} vmap { ${ways.join(', ')} }`;
    }
    case 'update':
      return `update @${part.set} { ${ip} saddr }`;
    case 'unmarked':
      return `meta mark & ${markText(part.mark)} == ${markText(0)}`;
    case 'mark':
      return `meta mark set meta mark ${part.operator} ${markText(part.mark)}`;
    case 'dnat':
      return `meta l4proto ${protocolText(part.protocol, format)} dnat to ${destinationText(part.ip, part.port, format)}`;
    case 'masquerade':
      return 'masquerade fully-random';
    case 'reject':
      return 'reject';
    default:
      return verdictText(part);
  }
}

export function verdictText(verdict: NftVerdict): string {
  return 'chain' in verdict ? `${verdict.kind} ${verdict.chain}` : verdict.kind;
}

function markText(mark: number): string {
  return `0x${mark.toString(16).padStart(8, '0')}`;
}

function protocolText(protocol: Protocol, {numericProtocol}: NftFormat): string {
  return numericProtocol ? String(protocolNumber(protocol)) : protocol;
}

function destinationText(ip: Ip, port: number, format: NftFormat): string {
  return `${isIp4(ip) ? formatIp(ip) : `[${formatIp(ip)}]`}:${portText(port, format)}`;
}

/** By name as getservbyport does without a protocol: TCP’s first. */
function portText(port: number, {services}: NftFormat): string {
  const known = services ? (serviceName('tcp', port) ?? serviceName('udp', port)) : undefined;
  return known === undefined ? String(port) : `"${known}"`;
}

/** `10.96.10.50 . tcp . 80`, with the element's comment. */
export function elementText(element: NftElement, format: NftFormat): string {
  const {ip, protocol, port, comment, verdict} = element;
  const key: string[] = [];
  if (ip !== undefined) key.push(formatIp(ip));
  if (protocol) key.push(protocolText(protocol, format), portText(port ?? 0, format));
  const said = comment === undefined ? '' : ` comment "${comment}"`;
  return `${key.join(' . ')}${said}${verdict ? ` : ${verdictText(verdict)}` : ''}`;
}

export function baseText({type, hook, priority}: NftBase, numeric: boolean): string {
  return `type ${type} hook ${hook} priority ${numeric ? priority : priorityText(hook, priority)}; policy accept;`;
}

/** A number within 10 of a name that the hook has (src/rule.c, prio2str). */
function priorityText(hook: NftBase['hook'], priority: number): string {
  const names: readonly (readonly [string, number])[] = [
    ...(hook === 'prerouting' ? [['dstnat', -100] as const] : []),
    ...(hook === 'postrouting' ? [['srcnat', 100] as const] : []),
  ];
  const near = names.find(([, value]) => Math.abs(priority - value) <= 10);
  if (!near) return String(priority);
  const [name, value] = near;
  const rest = priority - value;
  return rest === 0 ? name : `${name} ${rest < 0 ? '-' : '+'} ${Math.abs(rest)}`;
}
