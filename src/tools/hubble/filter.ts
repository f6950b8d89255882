/**
 * Filters of `hubble observe` (cilium hubble/cmd/observe/flows_filter.go, pkg/hubble/filters): values of one flag are
 * alternatives, flags must all hold. A flag without a direction means one end for all of them: source, or else destination.
 * `--not` turns the next flag into one of a second set, and flows that fit all of that set are left out.
 */
import {tracePoints} from '../../datapath/model.js';
import {type Ip, parseIp, parsePrefix, prefixContains} from '../../wire/addr.js';
import {dropReasonNames, type Flow, messageTypes} from './model.js';
import {reservedNames} from './print.js';

/** A wrong value, in hubble's words. */
export class FilterError extends Error {}

type Side = 'source' | 'destination';
type Test = (flow: Flow, side: Side) => boolean;

/** Of an end: `--pod`, `--from-pod`, `--to-pod`. */
const endFilters: Readonly<Record<string, (value: string) => Test>> = {
  pod: (value) => {
    const [namespace, prefix] = value.includes('/') ? split(value, '/') : ['default', value];
    return (flow, side) => flow[side]?.namespace === namespace && (flow[side]?.pod_name ?? '').startsWith(prefix);
  },
  namespace: (value) => (flow, side) => flow[side]?.namespace === value || flow[`${side}_service`]?.namespace === value,
  service: (value) => {
    const [namespace, prefix] = value.includes('/') ? split(value, '/') : ['default', value];
    return (flow, side) => {
      const service = flow[`${side}_service`];
      return service?.namespace === namespace && (service.name ?? '').startsWith(prefix);
    };
  },
  ip: (value) => {
    const [ip, prefix] = [parseIp(value), parsePrefix(value)];
    if (ip === undefined && prefix === undefined) throw new FilterError(`invalid IP address or CIDR: ${value}`);
    return (flow, side) => {
      const own: Ip | undefined = parseIp(flow.IP?.[side] ?? '');
      return own !== undefined && (ip === undefined ? prefixContains(prefix!, own) : own === ip);
    };
  },
  port: (value) => {
    if (!/^\d+$/.test(value) || Number(value) > 65535) throw new FilterError(`invalid port: ${value}`);
    return ({l4}, side) => (l4?.TCP ?? l4?.UDP ?? l4?.SCTP)?.[`${side}_port`] === Number(value);
  },
  label: (value) => {
    const wants = labelSelector(value);
    return (flow, side) => wants(flow[side]?.labels ?? []);
  },
  identity: (value) => {
    const named = Object.entries(reservedNames).find(([, name]) => name === value)?.[0];
    if (named === undefined && !/^\d+$/.test(value)) throw new FilterError(`invalid identity: ${value}`);
    return (flow, side) => (flow[side]?.identity ?? 0) === Number(named ?? value);
  },
  workload: (value) => {
    const [kind, name] = value.includes('/') ? split(value, '/') : [undefined, value];
    return (flow, side) =>
      (flow[side]?.workloads ?? []).some((own) => own.name === name && (kind === undefined || own.kind === kind));
  },
};

/** Of the flow as a whole. */
const flowFilters: Readonly<Record<string, (value: string) => (flow: Flow) => boolean>> = {
  verdict: (value) => {
    if (!verdicts.includes(value)) throw new FilterError(`invalid --verdict value: ${value}`);
    return (flow) => flow.verdict === value;
  },
  type: (value) => typeFilter(value),
  protocol: (value) => {
    const fields = protocols[value.toLowerCase()];
    if (!fields) throw new FilterError(`unknown protocol: ${value}`);
    return ({l4}) => fields.some((field) => l4?.[field] !== undefined);
  },
  'tcp-flags': (value) => {
    const wanted = value.split(',').map((flag) => flag.toUpperCase());
    const unknown = wanted.find((flag) => !/^(SYN|FIN|RST|PSH|ACK|URG|ECE|CWR|NS)$/.test(flag));
    if (unknown !== undefined) throw new FilterError(`unknown tcp flag: ${unknown.toLowerCase()}`);
    return ({l4}) => wanted.every((flag) => l4?.TCP?.flags?.[flag] === true);
  },
  'traffic-direction': (value) => {
    if (!/^(ingress|egress)$/i.test(value)) throw new FilterError(`${value}: invalid traffic direction`);
    return (flow) => flow.traffic_direction === value.toUpperCase();
  },
  'drop-reason-desc': (value) => {
    if (!Object.values(dropReasonNames).includes(value))
      throw new FilterError(`invalid --drop-reason-desc value: ${value}`);
    return (flow) => flow.drop_reason_desc === value;
  },
  'ip-version': (value) => {
    const version = /^(ip)?v?([46])$/.exec(value)?.[2];
    return ({IP}) => (version === undefined ? IP === undefined : IP?.ipVersion === `IPv${version}`);
  },
  'node-name': (value) => {
    const pattern = glob(value);
    return ({node_name: node = ''}) => pattern.test(node) || pattern.test(node.slice(node.lastIndexOf('/') + 1));
  },
  interface: (value) => (flow) => flow.interface?.name === value,
  uuid: (value) => (flow) => flow.uuid === value,
};

export const verdicts: readonly string[] = [
  ...['FORWARDED', 'DROPPED', 'AUDIT', 'REDIRECTED', 'ERROR', 'TRACED', 'TRANSLATED'],
];

const protocols: Readonly<Record<string, readonly (keyof NonNullable<Flow['l4']>)[]>> = {
  icmp: ['ICMPv4', 'ICMPv6'],
  icmpv4: ['ICMPv4'],
  icmpv6: ['ICMPv6'],
  sctp: ['SCTP'],
  tcp: ['TCP'],
  udp: ['UDP'],
};

/** Names of `--type`; 0: a simulation has none of these. */
const types: Readonly<Record<string, number>> = {
  capture: 0,
  drop: messageTypes.drop,
  l7: 0,
  'policy-verdict': messageTypes.policyVerdict,
  trace: messageTypes.trace,
  'trace-sock': 0,
};

function typeFilter(value: string): (flow: Flow) => boolean {
  const [name, sub] = value.includes(':') ? split(value, ':') : [value, undefined];
  const type = Object.hasOwn(types, name) ? types[name] : /^\d+$/.test(name) ? Number(name) : undefined;
  if (type === undefined) throw new FilterError(`unable to parse type filter ${JSON.stringify(value)}: invalid type`);
  if (type === 0) throw new FilterError(`--type ${name}: a simulation has no such flows`);
  if (sub === undefined) return (flow) => flow.event_type?.type === type;
  const known = tracePoints.indexOf(sub as (typeof tracePoints)[number]);
  const number = known >= 0 && type === messageTypes.trace ? known : /^\d+$/.test(sub) ? Number(sub) : undefined;
  if (number === undefined)
    throw new FilterError(`unable to parse type filter ${JSON.stringify(value)}: invalid sub-type`);
  return (flow) => flow.event_type?.type === type && (flow.event_type.sub_type ?? 0) === number;
}

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + 1)];
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
}

/** `app=web,tier!=db,reserved:world`: conditions that must all hold; a key may have its source in front. */
function labelSelector(text: string): (labels: readonly string[]) => boolean {
  const conditions = text.split(',').map((part) => {
    const match = /^\s*(!)?([^=!\s]+)\s*(?:(==?|!=)\s*(\S*))?\s*$/.exec(part);
    if (!match) throw new FilterError(`invalid label filter ${JSON.stringify(text)}`);
    const [, not, key, operator, value] = match as unknown as [string, string?, string?, string?, string?];
    return {not: not !== undefined || operator === '!=', key: key ?? '', value: operator ? (value ?? '') : undefined};
  });
  return (labels) => {
    const own = labels.map((label) => {
      const [name, value] = label.includes('=') ? split(label, '=') : [label, ''];
      return {name, bare: name.slice(name.indexOf(':') + 1), value};
    });
    return conditions.every(
      ({not, key, value}) =>
        own.some((one) => (one.name === key || one.bare === key) && (value === undefined || one.value === value)) !==
        not,
    );
  };
}

/** Flags by name, for the table of flags: those of an end come three times. */
export const filterNames: readonly string[] = [
  ...Object.keys(endFilters).flatMap((name) => [name, `from-${name}`, `to-${name}`]),
  ...Object.keys(flowFilters),
];

/** Alternatives of one flag. */
interface Group {
  readonly tests: Test[];
}

/** `given`: flags as they came, `not` among them. Others than filters are passed over. */
export function flowFilter(given: readonly (readonly [name: string, value: string])[]): (flow: Flow) => boolean {
  const sets = {wanted: new Map<string, Group>(), unwanted: new Map<string, Group>()};
  let negated = false;
  for (const [name, value] of given) {
    if (name === 'not') {
      if (negated) throw new FilterError('consecutive --not statements');
      negated = true;
      continue;
    }
    const test = testOf(name, value);
    if (!test) continue;
    const set = negated ? sets.unwanted : sets.wanted;
    negated = false;
    const key = name === 'ipv4' || name === 'ipv6' ? 'ip-version' : name;
    const group = set.get(key);
    if (group) group.tests.push(test);
    else set.set(key, {tests: [test]});
  }
  if (negated) throw new FilterError('trailing --not found in the arguments');
  const fits = (set: ReadonlyMap<string, Group>, flow: Flow) =>
    (['source', 'destination'] as const).some((side) =>
      [...set.values()].every(({tests}) => tests.some((test) => test(flow, side))),
    );
  return (flow) =>
    (sets.wanted.size === 0 || fits(sets.wanted, flow)) && !(sets.unwanted.size > 0 && fits(sets.unwanted, flow));
}

function testOf(name: string, value: string): Test | undefined {
  if (name === 'ipv4' || name === 'ipv6') return flowFilters['ip-version']!(name.slice(2));
  const whole = Object.hasOwn(flowFilters, name) ? flowFilters[name] : undefined;
  if (whole) return whole(value);
  const [, direction, end = ''] = /^(?:(from|to)-)?(.+)$/.exec(name) ?? [];
  const make = Object.hasOwn(endFilters, end) ? endFilters[end] : undefined;
  if (!make) return undefined;
  const test = make(value);
  if (direction === undefined) return test;
  const side = direction === 'from' ? 'source' : 'destination';
  return (flow) => test(flow, side);
}
