/**
 * `config`: the agent's mutable options, and with `-r` or `-a` what cilium-config says (cilium-dbg/cmd/config.go). The real `-r`
 * lists the fields of the agent's own structure; here it is the keys of the ConfigMap.
 */
import type {CiliumConfig} from '../../cluster/model.js';
import {GoMap} from '../../term/go-json.js';
import {sanitize} from '../../term/sanitize.js';
import {hasOutput, printOutput, type ViewContext} from './output.js';

/** Pages of the perf ring buffer per CPU (monitor default). */
export const MONITOR_PAGES = 64;

export async function config(context: ViewContext): Promise<number> {
  const {flags, args, io, session} = context;
  const {cilium} = session.cluster;
  const on = (flag: string) => flags.get(flag) === 'true';
  if (on('list-options')) {
    io.stdout.write(optionRows.map(({name, about}) => `${name.padEnd(24)} ${about}\n`).join(''));
    return 0;
  }
  if (args.length > 0 || flags.has('num-pages')) {
    io.stderr.write(
      'wirelay: cilium-dbg config: a definition is not changed from here; use --set spec.cilium.KEY=VALUE\n',
    );
    return 2;
  }
  const mutable = mutableOptions(cilium);
  const readOnly = Object.entries(cilium.raw);
  if (hasOutput(context)) {
    if (on('read-only')) return printOutput(context, new GoMap(readOnly));
    return printOutput(context, new GoMap(on('all') ? [...readOnly, ...mutable] : mutable));
  }
  const parts: string[] = [];
  if (on('read-only') || on('all')) parts.push('#### Read-only configurations ####\n', ...readOnly.map(rawLine));
  if (!on('read-only')) parts.push(readWriteText(cilium));
  io.stdout.write(parts.join(''));
  return 0;
}

function rawLine([key, value]: readonly [string, string]): string {
  return `${sanitize(key).padEnd(34)}: ${sanitize(value)}\n`;
}

export function readWriteText(cilium: CiliumConfig): string {
  const lines = mutableOptions(cilium).map(([name, value]) => `${name.padEnd(34)}: ${sanitize(value)}\n`);
  const more = [
    `${'MonitorNumPages'.padEnd(34)}: ${MONITOR_PAGES}\n`,
    `${'PolicyEnforcement'.padEnd(34)}: ${cilium.enablePolicy}\n`,
  ];
  return `##### Read-write configurations #####\n${[...lines, ...more].join('')}`;
}

/** Options by name (pkg/option/daemon.go): the ConfigMap's key, its value where none is given, what it does. */
const optionRows = [
  {name: 'Debug', key: 'debug', fallback: 'false', about: 'Enable debugging trace statements'},
  {name: 'DebugLB', key: undefined, fallback: 'false', about: 'Enable debugging trace statements for load balancer'},
  {
    name: 'DebugPolicy',
    key: undefined,
    fallback: 'false',
    about: 'Enable debugging trace statements for policy enforcement',
  },
  {
    name: 'DebugTagged',
    key: undefined,
    fallback: 'false',
    about: 'Enable debugging trace statements for tagged packets',
  },
  {name: 'DropNotification', key: 'bpf-events-drop-enabled', fallback: 'true', about: 'Enable drop notifications'},
  {
    name: 'MonitorAggregationLevel',
    key: 'monitor-aggregation',
    fallback: 'none',
    about: 'Set the level of aggregation for monitor events in the datapath',
  },
  {name: 'PolicyAuditMode', key: 'policy-audit-mode', fallback: 'false', about: 'Enable audit mode for policies'},
  {
    name: 'PolicyVerdictNotification',
    key: 'bpf-events-policy-verdict-enabled',
    fallback: 'true',
    about: 'Enable policy verdict notifications',
  },
  {
    name: 'SourceIPVerification',
    key: 'enable-source-ip-verification',
    fallback: 'true',
    about: 'Enable the check of the source IP on pod egress',
  },
  {name: 'TraceNotification', key: 'bpf-events-trace-enabled', fallback: 'true', about: 'Enable trace notifications'},
] as const;

function mutableOptions({raw}: CiliumConfig): [string, string][] {
  return optionRows.map(({name, key, fallback}) => {
    const value = (key === undefined ? undefined : raw[key]) || fallback;
    if (name === 'MonitorAggregationLevel') return [name, value.charAt(0).toUpperCase() + value.slice(1).toLowerCase()];
    return [name, /^(true|1|t)$/i.test(value) ? 'Enabled' : 'Disabled'];
  });
}
