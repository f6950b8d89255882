/**
 * What a vector's text says about the maps and stubs before its packet, as far as files say it in words. Each phrase is one
 * rule; a text without any leaves the defaults: allow-all policies, random value 0, no wildcard entries.
 */

import type {PolicyEntry} from '../../src/control/model.js';
import {allowAll, policyPrecedence} from '../../src/control/policy-map.js';
import type {ProgramConfig} from '../../src/datapath/bpf/program.js';
import type {ServiceChange} from './topology.js';

type Direction = PolicyEntry['direction'];

export interface Preparation {
  readonly random: number;
  readonly services: ServiceChange;
  /** Options that this vector's program was compiled with, other than the file's. */
  readonly program: Partial<ProgramConfig>;
  /** Entries of one direction of one endpoint, instead of the default; undefined: nothing is said. */
  readonly policy: {readonly direction: Direction; readonly entries: readonly PolicyEntry[]} | undefined;
  /** VNI of the received packet: a number, or `none` for a packet without tunnel metadata. */
  readonly tunnelId: number | 'none' | undefined;
  /** This packet carries a Geneve option that a vector sent: that vector's id, or '' for the last one that did. */
  readonly optionOf: string | undefined;
  /** Senders by address, which are pods of the node besides those of the topology. */
  readonly pods: readonly string[];
  /** Clock in seconds, where the text names one. */
  readonly clock: number | undefined;
}

const PROTOCOLS: Readonly<Record<string, number>> = {TCP: 6, UDP: 17, ICMP: 1, ICMPv6: 58, SCTP: 132, ANY: 0};

function number(text: string): number {
  return text.startsWith('0x') ? Number.parseInt(text, 16) : Number.parseInt(text, 10);
}

/** `random value 3`, `random 1`, `random value 0x4000`. */
function randomOf(desc: string): number {
  const found = /random(?: value)? (0x[0-9a-f]+|\d+)/i.exec(desc);
  return found ? number(found[1]!) : 0;
}

function tunnelIdOf(desc: string): Preparation['tunnelId'] {
  if (/without tunnel key|no tunnel key/.test(desc)) return 'none';
  const found = /tunnel id (\d+)|VNI (\d+)|source identity (\d+)/.exec(desc);
  return found ? Number(found[1] ?? found[2] ?? found[3]) : undefined;
}

function entry(direction: Direction, deny: boolean, fields: Partial<PolicyEntry>): PolicyEntry {
  const precedence = deny ? policyPrecedence.deny : policyPrecedence.allow;
  return {...allowAll(direction), deny, precedence, ...fields};
}

/** Entries spelled out: `allow entry 20001/TCP/8080`, `L3-only deny entry for 20001`, `only 8080 allowed`. */
function spelledEntries(desc: string, direction: Direction): PolicyEntry[] {
  const entries: PolicyEntry[] = [];
  for (const [, kind, id, protocol, port] of desc.matchAll(/(allow|deny)[\w\s]*entry (\d+|ANY|\*)\/(\w+)\/(\d+|\*)/g)) {
    entries.push(
      entry(direction, kind === 'deny', {
        identity: /^\d+$/.test(id!) ? Number(id) : 0,
        protocol: PROTOCOLS[protocol!.toUpperCase()] ?? 0,
        port: port === '*' ? 0 : Number(port),
        portBits: port === '*' ? 0 : 16,
      }),
    );
  }
  for (const [, kind, id] of desc.matchAll(/L3-only (allow|deny) entry (?:for )?(\d+)/g)) {
    entries.push(entry(direction, kind === 'deny', {identity: Number(id)}));
  }
  for (const [, kind, protocol, port] of desc.matchAll(/L4-only (allow|deny) entry (?:for )?(\w+)\/(\d+)/g)) {
    const fields = {protocol: PROTOCOLS[protocol!.toUpperCase()] ?? 0, port: Number(port), portBits: 16};
    entries.push(entry(direction, kind === 'deny', fields));
  }
  const only = /only (\d+) (?:is )?allowed/.exec(desc);
  if (only) entries.push(entry(direction, false, {protocol: PROTOCOLS.TCP, port: Number(only[1]), portBits: 16}));
  return entries;
}

function policyOf(desc: string): Preparation['policy'] {
  const direction: Direction = /egress (?:default|deny|policy|allow)|egress polic/.test(desc) ? 'egress' : 'ingress';
  if (/deny-all/.test(desc)) return {direction, entries: [entry(direction, true, {})]};
  const entries = spelledEntries(desc, direction);
  if (entries.length > 0) return {direction, entries};
  if (/default deny|no (?:matching )?(?:ingress |egress )?policy entry/.test(desc)) return {direction, entries: []};
  if (/allow-all/.test(desc)) return {direction, entries: [allowAll(direction)]};
  return undefined;
}

function servicesOf(desc: string): ServiceChange {
  return {
    wildcards: /wildcard entry present|wildcard entries present/.test(desc),
    affinity: /session affinity/i.test(desc) && !/without session affinity/i.test(desc),
    maglevByService: /per-service algorithm[ =]*maglev|annotation[^,]*maglev/i.test(desc),
  };
}

/** Options of the programs by the words for them, whatever is between a word and its value. */
const OFF = '[ =:(]*(?:off|disabled|false|=0)';
const PROGRAM_PHRASES: readonly (readonly [RegExp, Partial<ProgramConfig>])[] = [
  [new RegExp(`source.?ip.?verification${OFF}|without source.?ip.?verif`, 'i'), {sourceIpVerification: false}],
  [/no.?backend[\w\s-]*?[ =:]drop|without no.?backend response|no.?backend response off/i, {rejectNoBackend: false}],
  [/endpoint.?routes?(?! (?:off|disabled))/i, {endpointRoutes: true}],
  [/policy.?deny.?response/i, {policyDenyResponse: true}],
  [/audit mode|policy.?audit/i, {policyAudit: true}],
  [/accounting(?! off)/i, {accounting: true}],
  [new RegExp(`per.?packet.?lb${OFF}|without per.?packet|socket.?lb only`, 'i'), {perPacketLb: false}],
  [
    new RegExp(`fragment(?:s|ation)?.?track\\w*${OFF}|without fragment track`, 'i'),
    {fragments4: false, fragments6: false},
  ],
  [/sctp (?:on|enabled)|enable.?sctp/i, {sctp: true}],
  [/(?:default|global|node)[\w\s-]*[ =:]maglev/i, {defaultAlgorithm: 'maglev'}],
  [/legacy (?:host )?routing|host routing off/i, {hostRouting: false}],
  [new RegExp(`masquerad\\w*${OFF}|without (?:bpf )?masquerad`, 'i'), {masquerade4: false, masquerade6: false}],
  [/aggregation[ =:]*(?:medium|maximum|max|3)\b/i, {monitorAggregation: 3}],
  [/aggregation[ =:]*(?:low|lowest|1)\b/i, {monitorAggregation: 1}],
];

function programOf(desc: string): Partial<ProgramConfig> {
  return Object.assign({}, ...PROGRAM_PHRASES.filter(([words]) => words.test(desc)).map(([, options]) => options));
}

function optionOf(desc: string): string | undefined {
  if (!/with (?:the )?Geneve option/i.test(desc)) return undefined;
  return /packet of (\w+)/.exec(desc)?.[1] ?? '';
}

export function prepare(desc: string): Preparation {
  const clock = /(?:clock|\bt) ?= ?(\d+)/.exec(desc);
  return {
    random: randomOf(desc),
    services: servicesOf(desc),
    program: programOf(desc),
    policy: policyOf(desc),
    tunnelId: tunnelIdOf(desc),
    optionOf: optionOf(desc),
    pods: [...desc.matchAll(/pod (\d+\.\d+\.\d+\.\d+):\d+ ->/g)].map(([, ip]) => ip!),
    clock: clock ? Number(clock[1]) : undefined,
  };
}
