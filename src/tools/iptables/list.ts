/** `iptables -L` (iptables/xshared.c print_header, print_rule_details, print_ipv4_addresses; 1.8.9). */
import type {AddressMatch, Chain, Rule, Table} from '../../control/kube-proxy/model.js';
import type {RuleCounter, RuleCounters} from '../../datapath/rule-model.js';
import {formatIp, formatPrefix, ipBits} from '../../wire/addr.js';
import {familyTexts, protocolNumbers, references, ruleDetails} from './rule-text.js';

export interface ListOptions {
  readonly family: 4 | 6;
  readonly numeric: boolean;
  readonly verbose: boolean;
  readonly exact: boolean;
  readonly lineNumbers: boolean;
}

/** All chains, or one; with a rule number only that rule, without headings. */
export function listChains(
  table: Table,
  counters: RuleCounters,
  options: ListOptions,
  chainName: string | undefined,
  number: number | undefined,
): string {
  const counts = references(table);
  const parts: string[] = [];
  for (const chain of table.chains.values()) {
    if (chainName !== undefined && chain.name !== chainName) continue;
    const lines: string[] = [];
    if (number === undefined)
      lines.push(heading(chain, counts.get(chain.name) ?? 0, counters, options), titles(options));
    for (const [i, rule] of chain.rules.entries())
      if (number === undefined || number === i + 1) lines.push(ruleLine(rule, i + 1, counters.rule(rule), options));
    parts.push(lines.map((line) => `${line}\n`).join(''));
  }
  return parts.join('\n');
}

function heading(chain: Chain, used: number, counters: RuleCounters, {verbose, exact}: ListOptions): string {
  if (!chain.builtin) return `Chain ${chain.name} (${used} references)`;
  const {packets, bytes} = counters.policy(chain);
  const counted = verbose ? ` ${short(packets, exact)} packets, ${short(bytes, exact)} bytes` : '';
  return `Chain ${chain.name} (policy ACCEPT${counted})`;
}

function titles({verbose, exact, lineNumbers}: ListOptions): string {
  const counted = exact ? '    pkts      bytes ' : ' pkts bytes ';
  const number = lineNumbers ? 'num  ' : '';
  const devices = verbose ? ' in     out    ' : '';
  return `${number}${verbose ? counted : ''}target     prot opt${devices} source               destination         `;
}

function ruleLine(rule: Rule, number: number, counter: RuleCounter, options: ListOptions): string {
  const {family, numeric, verbose, exact, lineNumbers} = options;
  let text = lineNumbers ? `${String(number).padEnd(4)} ` : '';
  if (verbose) text += `${column(counter.packets, exact)} ${column(counter.bytes, exact)} `;
  const {target, protocol} = rule;
  text += `${(target?.kind === 'jump' ? target.chain : (target?.kind ?? '')).padEnd(9)}  `;
  const prot = numeric ? String(protocol ? protocolNumbers[protocol] : 0) : (protocol ?? 'all');
  text += `${prot.padEnd(4)} -- `;
  if (verbose) text += numeric ? ' *      *      ' : ' any    any    ';
  text += `${addressText(rule.source, options)} ${addressText(rule.destination, options)} `;
  return text + ruleDetails(rule, family, numeric);
}

/** The sign and 19 columns. The network of 127.0.0.0/8 has a name in /etc/networks. */
function addressText(match: AddressMatch | undefined, {family, numeric}: ListOptions): string {
  if (!match) return ` ${(numeric ? familyTexts[family].anywhere : 'anywhere').padEnd(19)}`;
  const {prefix, not} = match;
  const text = prefix.length === ipBits(prefix.ip) ? formatIp(prefix.ip) : formatPrefix(prefix);
  const named = !numeric && text === '127.0.0.0/8' ? 'loopback/8' : text;
  return `${not ? '!' : ' '}${named.padEnd(19)}`;
}

const units = ['K', 'M', 'G', 'T'];

/** xtables_print_num: five digits, then thousands, rounded at every step. */
function short(value: number, exact: boolean): string {
  if (exact || value <= 99999) return String(value);
  let rest = value;
  for (const unit of units) {
    rest = Math.floor((rest + 500) / 1000);
    if (rest <= 9999 || unit === 'T') return `${rest}${unit}`;
  }
  return String(value);
}

function column(value: number, exact: boolean): string {
  return short(value, exact).padStart(exact ? 8 : 5);
}
