/**
 * SNMP, versions 1, 2c and 3 (RFC 1157, RFC 3416, RFC 3412, RFC 3414; print-snmp.c):
 *
 *   v1, v2c   SEQUENCE { version, community, PDU }
 *   v3        SEQUENCE { version, SEQUENCE { id, size, flags, model }, STRING { user-based security }, SEQUENCE { engine, context, PDU } }
 *   PDU       { request id, error status, error index, SEQUENCE OF SEQUENCE { object, value } }
 *   Trap      { enterprise, agent's address, generic, specific, time, as above }
 */
import type {Dissector} from './dissector.js';
import {printOctets, printString, printValue, type Value, Values} from './snmp-asn1.js';

const GET = 0;
const GET_NEXT = 1;
const RESPONSE = 2;
const TRAP = 4;
const GET_BULK = 5;
const INFORM = 6;
const V2_TRAP = 7;
const REPORT = 8;
const V1 = 0;
const V2C = 1;
const V3 = 3;
const USER_BASED = 3;
const ENTERPRISE_SPECIFIC = 6;

const versions = ['SNMPv1', 'SNMPv2c', undefined, 'SNMPv3'] as const;
const errorStatus =
  'noError tooBig noSuchName badValue readOnly genErr noAccess wrongType wrongLength wrongEncoding wrongValue noCreation inconsistentValue resourceUnavailable commitFailed undoFailed authorizationError notWritable inconsistentName'.split(
    ' ',
  );
const genericTraps =
  'coldStart warmStart linkDown linkUp authenticationFailure egpNeighborLoss enterpriseSpecific'.split(' ');

const asNumber = (value: Value): number => Number(value.number);

function statusName(status: number): string {
  return errorStatus[status] ?? `err=${status >>> 0}`;
}

export function snmp(d: Dissector, o: number, length: number): void {
  d.protocol = 'snmp';
  d.c(0x20);
  const outer = new Values(d, o, length);
  const message = outer.next('sequence', '!init SEQ');
  if (message === undefined) return;
  if (outer.left > 0) d.s(`[${outer.left} extra after iSEQ]`);
  const values = Values.inside(d, message);
  const value = values.next('integer', 'version!=INT');
  if (value === undefined) return;
  const version = asNumber(value);
  const name = versions[version];
  if (name === undefined) return d.s(`SNMP [version = ${version}]`);
  if (d.v > 0) d.s(`{ ${name} `);
  if (version === V3) message3(d, values);
  else community(d, values, version);
  if (d.v > 0) d.s('} ');
}

function community(d: Dissector, values: Values, version: number): void {
  const name = values.next('string', 'comm!=STR');
  if (name === undefined) return;
  if (!isPublic(d, name)) {
    d.s('C=');
    printString(d, name);
    d.c(0x20);
  }
  pdu(d, values, version);
}

function isPublic(d: Dissector, {at, length}: Value): boolean {
  return length === 6 && [...'public'].every((c, i) => d.u8(at + i) === c.charCodeAt(0));
}

// ---- version 3 ----

function message3(d: Dissector, values: Values): void {
  const header = values.next('sequence', '!message');
  if (header === undefined) return;
  if (d.v > 0) d.s('{ ');
  const fields = Values.inside(d, header);
  if (fields.next('integer', 'msgID!=INT') === undefined) return;
  if (fields.next('integer', 'msgMaxSize!=INT') === undefined) return;
  if (!flags(d, fields.next('string', 'msgFlags!=STR'))) return;
  const model = fields.next('integer', 'msgSecurityModel!=INT');
  if (model === undefined) return;
  if (fields.size < fields.left) d.s(`[${fields.left - fields.size} extra after message SEQ]`);
  if (d.v > 0) d.s('} ');
  if (asNumber(model) !== USER_BASED) return d.s(`[security model ${asNumber(model)}]`);
  if (d.v > 0) d.s('{ USM ');
  // What follows is looked for behind the last of the fields, not behind their sequence.
  const rest = new Values(d, fields.at, values.at + values.left - fields.at);
  const security = rest.next('string', 'msgSecurityParameters!=STR');
  if (security === undefined) return;
  userBased(d, Values.inside(d, security));
  if (d.v > 0) d.s('} { ScopedPDU ');
  scoped(d, rest);
  if (d.v > 0) d.s('} ');
}

/** `F=apr `: authenticated, private, reportable. False where they are not flags. */
function flags(d: Dissector, value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (value.length !== 1) {
    d.s(`[msgFlags size ${value.length | 0}]`);
    return false;
  }
  const octet = d.u8(value.at);
  if (octet > 7 || (octet & 3) === 2) {
    d.s(`[msgFlags=0x${octet.toString(16).toUpperCase().padStart(2, '0')}]`);
    return false;
  }
  d.s(`F=${octet & 1 ? 'a' : ''}${octet & 2 ? 'p' : ''}${octet & 4 ? 'r' : ''} `);
  return true;
}

/** The parameters of the user-based security model; what is wrong with them does not end the message. */
function userBased(d: Dissector, outer: Values): void {
  const sequence = outer.next('sequence', '!usm');
  if (sequence === undefined) return;
  const values = Values.inside(d, sequence);
  if (values.next('string', 'msgAuthoritativeEngineID!=STR') === undefined) return;
  const boots = values.next('integer', 'msgAuthoritativeEngineBoots!=INT');
  if (boots === undefined) return;
  if (d.v > 0) d.s(`B=${boots.number} `);
  const time = values.next('integer', 'msgAuthoritativeEngineTime!=INT');
  if (time === undefined) return;
  if (d.v > 0) d.s(`T=${time.number} `);
  const user = values.next('string', 'msgUserName!=STR');
  if (user === undefined) return;
  d.s('U=');
  printString(d, user);
  d.c(0x20);
  if (values.next('string', 'msgAuthenticationParameters!=STR') === undefined) return;
  if (values.next('string', 'msgPrivacyParameters!=STR') === undefined) return;
  if (values.size < values.left) d.s(`[${values.left - values.size} extra after usm SEQ]`);
}

function scoped(d: Dissector, outer: Values): void {
  const sequence = outer.next('sequence', '!scoped PDU');
  if (sequence === undefined) return;
  const values = Values.inside(d, sequence);
  const engine = values.next('string', 'contextEngineID!=STR');
  if (engine === undefined) return;
  d.s('E=');
  printOctets(d, engine);
  d.c(0x20);
  const context = values.next('string', 'contextName!=STR');
  if (context === undefined) return;
  d.s('C=');
  printString(d, context);
  d.c(0x20);
  pdu(d, values, V3);
}

// ---- PDUs ----

function pdu(d: Dissector, values: Values, version: number): void {
  const value = values.parse();
  if (value === undefined) return;
  if (value.kind !== 'pdu') return d.s('[no PDU]');
  values.skip();
  if (values.left > 0) d.s(`[${values.left} extra after PDU]`);
  if (d.v > 0) d.s('{ ');
  printValue(d, value);
  d.c(0x20);
  const {id} = value;
  if (version === V1 && (id === GET_BULK || id === INFORM || id === V2_TRAP || id === REPORT))
    return d.s('[v2 PDU in v1 message]');
  if (version === V2C && id === TRAP) return d.s('[v1 PDU in v2 message]');
  if (id === TRAP) trap(d, Values.inside(d, value));
  else request(d, Values.inside(d, value), id);
  if (d.v > 0) d.s(' } ');
}

/** Any PDU but Trap; errors are a response's only, and the two numbers of GetBulk something else. */
function request(d: Dissector, values: Values, id: number): void {
  const request = values.next('integer', 'reqId!=INT');
  if (request === undefined) return;
  if (d.v > 0) d.s(`R=${request.number} `);
  const first = values.next('integer', 'errorStatus!=INT');
  if (first === undefined) return;
  const status = asNumber(first);
  if (id === GET_BULK) d.s(` N=${status}`);
  else if (status !== 0) d.s(id === RESPONSE ? ` ${statusName(status)}` : `[errorStatus(${statusName(status)})!=0]`);
  const second = values.next('integer', 'errorIndex!=INT');
  if (second === undefined) return;
  const index = asNumber(second);
  if (id === GET_BULK) d.s(` M=${index}`);
  else if (id !== RESPONSE) {
    if (index !== 0) d.s(`[errorIndex(${index})!=0]`);
  } else if (index === 0) {
    if (status !== 0) d.s('[errorIndex==0]');
  } else d.s(status === 0 ? `[errorIndex(${index}) w/o errorStatus]` : `@${index}`);
  bindings(d, values, id);
}

function trap(d: Dissector, values: Values): void {
  d.c(0x20);
  const enterprise = values.next('object', 'enterprise!=OID');
  if (enterprise === undefined) return;
  printValue(d, enterprise);
  d.c(0x20);
  const agent = values.next('address', 'agent-addr!=INETADDR');
  if (agent === undefined) return;
  printValue(d, agent);
  const generic = values.next('integer', 'generic-trap!=INT');
  if (generic === undefined) return;
  const kind = asNumber(generic);
  d.s(` ${genericTraps[kind] ?? `gt=${kind}`}`);
  const specific = values.next('integer', 'specific-trap!=INT');
  if (specific === undefined) return;
  if (kind === ENTERPRISE_SPECIFIC) d.s(` s=${specific.number}`);
  else if (specific.number !== 0) d.s(`[specific-trap(${specific.number})!=0]`);
  d.c(0x20);
  const time = values.next('unsigned', 'time-stamp!=TIMETICKS');
  if (time === undefined) return;
  printValue(d, time);
  bindings(d, values, TRAP);
}

/** Objects, and except in questions their values. */
function bindings(d: Dissector, outer: Values, id: number): void {
  const list = outer.next('sequence', '!SEQ of varbind');
  if (list === undefined) return;
  if (outer.left > 0) d.s(`[${outer.left} extra after SEQ of varbind]`);
  const asks = id === GET || id === GET_NEXT || id === GET_BULK;
  const values = Values.inside(d, list);
  while (values.left > 0) {
    d.c(0x20);
    const binding = values.next('sequence', '!varbind');
    if (binding === undefined) return;
    const pair = Values.inside(d, binding);
    const object = pair.next('object', 'objName!=OID');
    if (object === undefined) return;
    printValue(d, object);
    if (!asks) d.c(0x3d);
    const value = pair.parse();
    if (value === undefined) return;
    if (value.kind === 'null') continue;
    if (asks) d.s('[objVal!=NULL]');
    printValue(d, value);
  }
}
