/**
 * `bpf metrics list`: packets and bytes by reason and place, counted from the run's own trace and drop points as the programs
 * count them (bpf/lib/trace.h, drop.h). Lines are those of the source the drop sites are taken from (1.21-dev).
 */
import {dropReasons} from '../../../datapath/drop.js';
import type {DatapathEvent, DropEvent, TraceEvent} from '../../../datapath/model.js';
import {compareBytes} from '../../../term/go-json.js';
import {tabwriter} from '../../../term/tabwriter.js';
import {hasOutput, listTable, printOutput, type ViewContext} from '../output.js';

export interface Metric {
  readonly reason: string;
  readonly direction: 'INGRESS' | 'EGRESS';
  packets: number;
  bytes: number;
  readonly line: number;
  readonly file: string;
}

export async function metricsList(context: ViewContext): Promise<number> {
  const {session, io} = context;
  const counter = createCounter(session.node.name, session.cluster.cilium.kubeProxyReplacement);
  await session.run({observers: [{event: counter.count}]});
  const metrics = counter.metrics();
  if (metrics.length === 0) {
    io.stderr.write('No entries found.\n');
    return 0;
  }
  if (hasOutput(context))
    return printOutput(
      context,
      metrics.map((metric) => ({
        reason: metric.reason,
        direction: metric.direction.toLowerCase(),
        packets: metric.packets,
        bytes: metric.bytes,
        line: metric.line,
        file: metric.file,
      })),
    );
  io.stdout.write(metricsTable(metrics));
  return 0;
}

type Place = Omit<Metric, 'packets' | 'bytes'>;

/** `nodePort`: with kube-proxy replacement NAT stands behind the devices' egress and reports what leaves. */
export function createCounter(
  node: string,
  nodePort = true,
): {count: (event: DatapathEvent) => void; metrics: () => Metric[]} {
  const found = new Map<string, Metric>();
  return {
    count(event) {
      if (event.node !== node || (event.kind !== 'trace' && event.kind !== 'drop')) return;
      const place = event.kind === 'trace' ? tracePlace(event, nodePort) : dropPlace(event);
      if (!place) return;
      const key = `${place.reason} ${place.direction} ${place.line} ${place.file}`;
      const metric = found.get(key) ?? {...place, packets: 0, bytes: 0};
      metric.packets++;
      metric.bytes += event.length;
      found.set(key, metric);
    },
    metrics: () => [...found.values()].sort((a, b) => compareBytes(sortKey(a), sortKey(b))),
  };
}

/** Rows are ordered by their cells as text, column by column. */
function sortKey({reason, direction, packets, bytes, line, file}: Metric): string {
  return [reason, direction, packets, bytes, line, file].join('\0');
}

/** REASON_FORWARDED and REASON_PLAINTEXT. */
const FORWARDED = dropReasons[0].text;
const PLAINTEXT = dropReasons[3].text;

/** Classifier bits of the tunnel's own packets. */
const TUNNELLED = 4 | 8;

/** Which counter a trace point bumps, and where it stands; from-endpoint and the proxy's count nothing. */
function tracePlace({point, hook, flags, originalIp}: TraceEvent, nodePort: boolean): Place | undefined {
  const v6 = (flags & 1) !== 0;
  const at = (direction: Metric['direction'], reason: string, file: string, line4: number, line6 = line4) => ({
    direction,
    reason,
    file,
    line: v6 ? line6 : line4,
  });
  const atNat = () =>
    originalIp === undefined
      ? at('EGRESS', FORWARDED, 'nodeport_egress.h', 608, 283)
      : at('EGRESS', FORWARDED, 'nodeport_egress.h', 468, 151);
  switch (point) {
    case 'to-endpoint':
      return hook === 'cil_to_container'
        ? at('INGRESS', FORWARDED, 'bpf_lxc.c', 2652)
        : at('INGRESS', FORWARDED, 'bpf_lxc.c', 2315, 1991);
    case 'to-host':
      return at('EGRESS', FORWARDED, 'bpf_lxc.c', 78);
    case 'to-overlay':
      return hook === 'cil_to_overlay' ? atNat() : at('EGRESS', FORWARDED, 'encap.h', 33);
    case 'to-network':
      if (hook === 'cil_from_container') return at('EGRESS', FORWARDED, 'bpf_lxc.c', 1357, 792);
      return nodePort && (flags & TUNNELLED) === 0 ? atNat() : at('EGRESS', FORWARDED, 'bpf_host.c', 1649);
    case 'to-stack':
      if (hook === 'cil_from_container') return at('EGRESS', FORWARDED, 'bpf_lxc.c', 1387, 814);
      if (hook === 'cil_from_overlay') return at('EGRESS', FORWARDED, 'bpf_overlay.c', 477);
      return at('EGRESS', FORWARDED, 'bpf_host.c', hook === 'cil_to_host' ? 1912 : 1409);
    case 'from-overlay':
      return at('INGRESS', PLAINTEXT, 'bpf_overlay.c', 562);
    case 'from-network':
    case 'from-host':
    case 'from-stack':
      return at('INGRESS', PLAINTEXT, 'bpf_host.c', 1243, 1151);
    default:
      return undefined;
  }
}

/** Programs that report ingress drops; bpf_lxc.c has its ingress policy at the lines named. */
const ingressHooks = new Set<DropEvent['hook']>([
  'cil_to_container',
  'cil_from_netdev',
  'cil_from_overlay',
  'cil_to_host',
]);
const ingressLines = new Set([2077, 2145, 2410, 2477, 2706, 2729, 2765]);

function dropPlace({reason, hook, at}: DropEvent): Place {
  const row = (dropReasons as Readonly<Record<number, {readonly text: string}>>)[reason];
  const isIngress = ingressHooks.has(hook) || (at !== undefined && ingressLines.has(at.line));
  return {
    reason: row?.text || String(reason),
    direction: isIngress ? 'INGRESS' : 'EGRESS',
    line: at?.line ?? 0,
    file: at?.file ?? 'unknown(0)',
  };
}

export function metricsTable(metrics: readonly Metric[]): string {
  const rows = metrics.map((m) => `${m.reason}\t${m.direction}\t${m.packets}\t${m.bytes}\t${m.line}\t${m.file}\n`);
  return tabwriter(`REASON\tDIRECTION\tPACKETS\tBYTES\tLINE\tFILE\n${rows.join('')}`, listTable);
}
