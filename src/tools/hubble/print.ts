/** Flows as `hubble observe` prints them (cilium hubble/pkg/printer/printer.go). */
import {dropText} from '../../datapath/describe.js';
import {type GoRecord, goJsonCompact} from '../../term/go-json.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import {type Flow, type FlowPorts, matchNames, messageTypes} from './model.js';

export const flowFormats = ['compact', 'dict', 'json', 'jsonpb', 'tab', 'table'] as const;
export type FlowFormat = (typeof flowFormats)[number];

export interface FlowPrintOptions {
  readonly format: FlowFormat;
  readonly timeFormat: string;
  readonly nodeName: boolean;
  readonly policyNames: boolean;
  /** Pods and services by name. */
  readonly names: boolean;
}

export interface FlowPrinter {
  print(flow: Flow): string;
  /** What is left to print: a table, whose widths are known at the end. */
  close(): string;
}

export function createFlowPrinter(options: FlowPrintOptions): FlowPrinter {
  const rows: string[] = [];
  let printed = 0;
  return {
    print(flow) {
      printed++;
      switch (options.format) {
        case 'json':
        case 'jsonpb':
          return `${goJsonCompact(response(flow))}\n`;
        case 'compact':
          return compact(flow, options);
        case 'dict':
          return `${printed > 1 ? '------------\n' : ''}${dict(flow, options)}`;
        default:
          rows.push(`${tableCells(flow, options).join('\t')}\n`);
          return '';
      }
    },
    close() {
      if (rows.length === 0) return '';
      const node = options.nodeName ? ['NODE'] : [];
      const header = ['TIMESTAMP', ...node, 'SOURCE', 'DESTINATION', 'TYPE', 'VERDICT', 'SUMMARY'].join('\t');
      return tabwriter(`${header}\n${rows.join('')}`, {minWidth: 2, padding: 3});
    },
  };
}

/** A GetFlowsResponse. */
function response(flow: Flow): GoRecord {
  const {node_name: node, time} = flow;
  return {
    flow: flow as unknown as GoRecord,
    ...(node === undefined ? {} : {node_name: node}),
    ...(time === undefined ? {} : {time}),
  };
}

function compact(flow: Flow, options: FlowPrintOptions): string {
  const [from, to] = hosts(flow, options);
  const ends = [`${from} ${identityText(flow.source?.identity)}`, `${to} ${identityText(flow.destination?.identity)}`];
  const arrow = flow.is_reply === undefined ? '<>' : flow.is_reply ? '<-' : '->';
  if (flow.is_reply === true) ends.reverse();
  const node = options.nodeName ? ` [${flow.node_name ?? ''}]` : '';
  return `${sanitize(
    `${formatTime(flow.time, options.timeFormat)}${node}: ${ends[0]} ${arrow} ${ends[1]} ${typeText(flow)} ${verdictText(flow, options)} (${flow.Summary ?? ''})`,
  )}\n`;
}

function dict(flow: Flow, options: FlowPrintOptions): string {
  const [from, to] = hosts(flow, options);
  const lines: readonly (readonly [string, string])[] = [
    ['TIMESTAMP', formatTime(flow.time, options.timeFormat)],
    ...(options.nodeName ? [['NODE', flow.node_name ?? ''] as const] : []),
    ['SOURCE', from],
    ['DESTINATION', to],
    ['TYPE', typeText(flow)],
    ['VERDICT', verdictText(flow, options)],
    ['SUMMARY', flow.Summary ?? ''],
  ];
  return lines.map(([key, value]) => `${key.padStart(11)}: ${sanitize(value)}\n`).join('');
}

function tableCells(flow: Flow, options: FlowPrintOptions): string[] {
  const node = options.nodeName ? [flow.node_name ?? ''] : [];
  const rest = [typeText(flow), verdictText(flow, options), flow.Summary ?? ''];
  return [formatTime(flow.time, options.timeFormat), ...node, ...hosts(flow, options), ...rest].map(sanitize);
}

/** Source and destination: pod, else service, else address, with the port. */
function hosts(flow: Flow, {names}: FlowPrintOptions): [string, string] {
  if (!flow.IP) return [flow.ethernet?.source ?? '', flow.ethernet?.destination ?? ''];
  const ports = portsOf(flow);
  const host = (side: 'source' | 'destination') => {
    const end = flow[side];
    const service = flow[`${side}_service`];
    const port = ports?.[`${side}_port`];
    const ip = flow.IP?.[side] ?? '';
    const name = !names
      ? undefined
      : end?.pod_name
        ? `${end.namespace ?? ''}/${end.pod_name}`
        : service?.name
          ? `${service.namespace ?? ''}/${service.name}`
          : undefined;
    const text = name ?? ip;
    if (ports === undefined) return text;
    return `${text.includes(':') ? `[${text}]` : text}:${port ?? 0}`;
  };
  return [host('source'), host('destination')];
}

function portsOf({l4}: Flow): FlowPorts | undefined {
  return l4?.TCP ?? l4?.UDP ?? l4?.SCTP;
}

/** Reserved identities by name. */
export const reservedNames: Readonly<Record<number, string>> = {
  0: 'unknown',
  1: 'host',
  2: 'world',
  3: 'unmanaged',
  4: 'health',
  5: 'init',
  6: 'remote-node',
  7: 'kube-apiserver',
  8: 'ingress',
  9: 'world-ipv4',
  10: 'world-ipv6',
};

function identityText(identity = 0): string {
  const name = reservedNames[identity];
  return name === undefined ? `(ID:${identity})` : `(${name})`;
}

function typeText(flow: Flow): string {
  const {type, sub_type: sub = 0} = flow.event_type ?? {};
  switch (type) {
    case messageTypes.trace:
      return tracePoint(flow, sub);
    case messageTypes.drop:
      return dropText(sub);
    case messageTypes.policyVerdict: {
      const match = matchNames[flow.policy_match_type ?? 0] ?? String(flow.policy_match_type);
      return `policy-verdict:${match} ${flow.traffic_direction ?? 'TRAFFIC_DIRECTION_UNKNOWN'}`;
    }
    default:
      return 'UNKNOWN';
  }
}

function tracePoint({trace_observation_point: point}: Flow, sub: number): string {
  return point ? point.toLowerCase().replaceAll('_', '-') : String(sub);
}

const verdictWords: Readonly<Record<string, string>> = {
  FORWARDED: 'ALLOWED',
  REDIRECTED: 'ALLOWED',
  DROPPED: 'DENIED',
  ERROR: 'DENIED',
  AUDIT: 'AUDITED',
};

function verdictText(flow: Flow, {policyNames}: FlowPrintOptions): string {
  const verdict = flow.verdict ?? 'VERDICT_UNKNOWN';
  if (flow.event_type?.type !== messageTypes.policyVerdict) return verdict;
  const word = verdictWords[verdict] ?? verdict;
  const side = flow.traffic_direction === 'INGRESS' ? 'ingress' : 'egress';
  const by = flow[`${side}_${word === 'ALLOWED' ? 'allowed' : 'denied'}_by`];
  if (!policyNames || !by || by.length === 0) return word;
  return `${word} BY ${by.map(({name, kind}) => `${name} (${kind})`).join(', ')}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Layouts of hubble/pkg/time, by the names that `--time-format` takes; digits behind the point. */
const fractions: Readonly<Record<string, number>> = {
  StampMilli: 3,
  RFC3339: 0,
  RFC3339Milli: 3,
  RFC3339Micro: 6,
  RFC3339Nano: 9,
  RFC1123Z: 0,
  YearMonthDay: 0,
  YearMonthDayHour: 0,
  YearMonthDayHourMinute: 0,
};

export const timeFormats = Object.keys(fractions);

/** Always UTC, as it comes. */
export function formatTime(time: string | undefined, format: string): string {
  const [, stamp, part = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(time ?? '') ?? [];
  const date = stamp === undefined ? undefined : new Date(`${stamp}Z`);
  if (!stamp || !date || Number.isNaN(date.getTime())) return 'N/A';
  const fraction = part.padEnd(9, '0').slice(0, fractions[format] ?? 0);
  const clock = stamp.slice(11);
  const month = months[date.getUTCMonth()]!;
  switch (format) {
    case 'StampMilli':
      return `${month} ${String(date.getUTCDate()).padStart(2, ' ')} ${clock}.${fraction}`;
    case 'RFC1123Z':
      return `${days[date.getUTCDay()]}, ${stamp.slice(8, 10)} ${month} ${stamp.slice(0, 4)} ${clock} +0000`;
    case 'YearMonthDay':
      return stamp.slice(0, 10);
    case 'YearMonthDayHour':
      return `${stamp.slice(0, 13)}Z`;
    case 'YearMonthDayHourMinute':
      return `${stamp.slice(0, 16)}Z`;
    case 'RFC3339Nano':
      return `${stamp}${part === '' ? '' : `.${part.replace(/0+$/, '')}`}Z`;
    default:
      return `${stamp}${fraction === '' ? '' : `.${fraction}`}Z`;
  }
}
