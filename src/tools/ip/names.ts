/** Names of numbers, as /etc/iproute2 and iproute2's own tables have them. */
import type {Route} from '../../control/model.js';

const tables: Readonly<Record<string, number>> = {unspec: 0, default: 253, main: 254, local: 255};
const protocols: Readonly<Record<string, number>> = {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
};
const scopes: Readonly<Record<string, number>> = {global: 0, site: 200, link: 253, host: 254, nowhere: 255};
const routeTypes: Readonly<Record<Route['type'], number>> = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
};

const numberOf = (names: Readonly<Record<string, number>>, text: string, max: number): number | undefined => {
  if (Object.hasOwn(names, text)) return names[text];
  const value = parseNumber(text);
  return value !== undefined && value <= max ? value : undefined;
};

/** strtoul with base 0: decimal, 0x hexadecimal, 0 octal; 32 bits. */
export function parseNumber(text: string): number | undefined {
  const value = /^0x[0-9a-f]+$/i.test(text)
    ? Number.parseInt(text, 16)
    : /^0[0-7]+$/.test(text)
      ? Number.parseInt(text, 8)
      : /^(0|[1-9]\d*)$/.test(text)
        ? Number(text)
        : undefined;
  return value !== undefined && value <= 0xffff_ffff ? value : undefined;
}

export function tableNumber(text: string): number | undefined {
  return numberOf(tables, text, 0xffff_ffff);
}

export function tableName(table: number, numeric: boolean): string {
  const found = Object.entries(tables).find(([, number]) => number === table);
  return found && !numeric ? found[0] : String(table);
}

export function protocolNumber(text: string): number | undefined {
  return numberOf(protocols, text, 255);
}

export function protocolName(protocol: Route['protocol'], numeric: boolean): string {
  return numeric ? String(protocols[protocol]) : protocol;
}

export function scopeNumber(text: string): number | undefined {
  return numberOf(scopes, text, 255);
}

export function scopeName(scope: Route['scope'], numeric: boolean): string {
  return numeric ? String(scopes[scope]) : scope;
}

export function scopeValue(scope: Route['scope']): number {
  return scopes[scope]!;
}

export function protocolValue(protocol: Route['protocol']): number {
  return protocols[protocol]!;
}

export function routeTypeName(type: Route['type'], numeric: boolean): string {
  return numeric ? String(routeTypes[type]) : type;
}

const prefixTypes = [
  'broadcast',
  'anycast',
  'multicast',
  'prohibit',
  'unreachable',
  'blackhole',
  'xresolve',
  'unicast',
];

/** Number of a route type, names by prefix but for `local`, `nat` and `throw` (ip/rtm_map.c rtnl_rtntype_a2n). */
export function routeTypeNumber(text: string): number | undefined {
  if (text === 'local') return routeTypes.local;
  const name = text === 'brd' ? 'broadcast' : prefixTypes.find((candidate) => candidate.startsWith(text));
  if (name) return routeTypes[name as Route['type']] ?? 0;
  if (text === 'nat' || text === 'throw') return 0;
  const value = parseNumber(text);
  return value !== undefined && value <= 255 ? value : undefined;
}

export function routeTypeValue(type: Route['type']): number {
  return routeTypes[type];
}
