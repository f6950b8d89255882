/** A DNS message as JSON has it: questions and records with names and readable data. A cut one has what came before the cut. */
import {formatIp} from '../../../wire/addr.js';
import {toHex} from '../../../wire/bytes.js';
import {type DnsData, type DnsRecord, decodeDns, dnsRecordType, dnsTypes} from '../../../wire/dns.js';

export function dnsFields(b: Uint8Array, at: number, end: number): {readonly [field: string]: unknown} {
  const decoded = decodeDns(b, at, end);
  const message = decoded.ok ? decoded.message : decoded.partial;
  if (message === undefined) return {};
  return {
    id: message.id,
    response: (message.flags & 0x8000) !== 0,
    opcode: (message.flags >>> 11) & 15,
    rcode: message.flags & 15,
    flags: `0x${message.flags.toString(16).padStart(4, '0')}`,
    questions: message.questions.map(({name, type}) => ({name, type: typeName(type)})),
    answers: message.answers.map(record),
    authorities: message.authorities.map(record),
    additionals: message.additionals.map(record),
    ...(decoded.ok ? {} : {incomplete: true}),
  };
}

function record({name, ttl, data}: DnsRecord): {readonly [field: string]: unknown} {
  return {name, type: typeName(dnsRecordType(data)), ttl, ...value(data)};
}

function typeName(type: number): string {
  return Object.entries(dnsTypes).find(([, number]) => number === type)?.[0] ?? String(type);
}

function value(data: DnsData): {readonly [field: string]: unknown} {
  const {kind, ...rest} = data;
  if (data.kind === 'A' || data.kind === 'AAAA') return {address: formatIp(data.ip)};
  if (data.kind === 'TXT') return {text: data.strings.map((bytes) => new TextDecoder('latin1').decode(bytes))};
  if (data.kind === 'OPT') return {options: data.options.map((option) => ({...option, data: toHex(option.data)}))};
  if (data.kind === 'other') return {data: toHex(data.bytes)};
  if (data.kind === 'NS' || data.kind === 'CNAME' || data.kind === 'PTR') return {target: data.name};
  return kind === 'SRV' && 'name' in rest ? {...rest, name: undefined, target: rest.name} : rest;
}
