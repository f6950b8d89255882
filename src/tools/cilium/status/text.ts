/** `status` as text (pkg/client/client.go FormatStatusResponse, pkg/health/client). Writer (2, 0, 3), tables inside it (0, 0, 3). */

import {goDuration} from '../../../term/go-duration.js';
import {compareBytes} from '../../../term/go-json.js';
import {sanitize} from '../../../term/sanitize.js';
import {tabwriter} from '../../../term/tabwriter.js';
import type {AgentStatus, BigTcp, Controller, Health, HealthNode} from './model.js';
import {moduleTree} from './modules.js';

/** What to show beyond the short form. */
export interface StatusDetails {
  readonly addresses: boolean;
  readonly controllers: boolean;
  readonly nodes: boolean;
  readonly health: boolean;
  /** `--verbose`: kube-proxy replacement, map sizes, clock, each probe. */
  readonly verbose: boolean;
  /** Cilium 1.x: some lines came with a version. */
  readonly minor: number;
}

const outer = {minWidth: 2, padding: 3} as const;
const inner = {minWidth: 0, padding: 3} as const;

export function statusText(status: AgentStatus, details: StatusDetails): string {
  const text = [
    ...agentLines(status),
    ...datapathLines(status, details),
    ...activityLines(status, details),
    ...(details.verbose ? [kprDetails(status), mapDetails(status)] : []),
    'Encryption:\tDisabled\t\n',
    ...healthLines(status, details),
  ];
  return tabwriter(text.join(''), outer);
}

/** `--brief`. */
export function briefText({cilium, kvstore, kubernetes, healthDaemon}: AgentStatus): string {
  const sick = ({state}: {state: string}) => state === 'Warning' || state === 'Failure';
  if (sick(kvstore)) return `error in kvstore: ${kvstore.msg}\n`;
  if (sick(kubernetes)) return `error in kubernetes: ${kubernetes.msg}\n`;
  if (sick(cilium)) return `error in cilium: ${cilium.msg}\n`;
  if (sick(healthDaemon)) return `error in cilium-health: ${healthDaemon.msg}\n`;
  return 'OK\n';
}

/** `eth0   10.0.0.5 fe80::1 (Direct Routing)`: as many blanks as addresses, and one. */
function deviceText({devices, directRoutingDevice}: AgentStatus['kubeProxyReplacement']): string {
  return devices
    .map(({name, ips}) => {
      const direct = name === directRoutingDevice ? ' (Direct Routing)' : '';
      return `${name}${' '.repeat(ips.length + 1)}${ips.join(' ')}${direct}`;
    })
    .join(', ');
}

function deviceNames({kubeProxyReplacement}: AgentStatus): string {
  return kubeProxyReplacement.devices.map(({name}) => name).join(', ');
}

function agentLines(status: AgentStatus): string[] {
  const {kvstore, kubernetes, kubeProxyReplacement: kpr, srv6, nodeMonitor: monitor} = status;
  const devices = kpr.mode === 'True' && kpr.devices.length > 0 ? `[${deviceText(kpr)}]` : '';
  const firewall = status.hostFirewall === 'Disabled' ? '' : `\t[${deviceNames(status)}]`;
  return [
    `KVStore:\t${kvstore.state}\t${kvstore.msg}\n`,
    `Kubernetes:\t${kubernetes.state}\t${sanitize(kubernetes.msg)}\n`,
    `Kubernetes APIs:\t["${kubernetes.apis.join('", "')}"]\n`,
    `KubeProxyReplacement:\t${kpr.mode}\t${devices}\n`,
    `Host firewall:\t${status.hostFirewall}${firewall}\n`,
    `SRv6:\t${srv6.enabled ? `Enabled\t[encap-mode: ${sanitize(srv6.encapMode)}]` : 'Disabled'}\n`,
    `CNI Chaining:\t${sanitize(status.cniChaining)}\n`,
    `CNI Config file:\t${sanitize(status.cniFile.msg)}\n`,
    `Cilium:\t${status.cilium.state}   ${sanitize(status.cilium.msg)}\n`,
    `NodeMonitor:\tListening for events on ${monitor.cpus} CPUs with ${monitor.pages}x${monitor.pageSize} of shared memory\n`,
    `Cilium health daemon:\t${status.healthDaemon.state}\t${status.healthDaemon.msg}\n`,
  ];
}

function bigTcpText({enabled, max}: BigTcp): string {
  return enabled ? `Enabled\t[${max}]` : 'Disabled';
}

function datapathLines(status: AgentStatus, details: StatusDetails): string[] {
  const {ipam, bandwidthManager: bandwidth, routing} = status;
  const tunnel = routing.network === 'Tunnel' ? ` [${routing.tunnelProtocol}]` : '';
  const encapsulation =
    routing.network === 'Native' ? 'Disabled' : routing.tunnelProtocol === 'geneve' ? 'Geneve' : 'VXLAN';
  const mode =
    status.deviceMode === status.configuredDeviceMode
      ? status.deviceMode
      : `${status.deviceMode} [Configured: ${sanitize(status.configuredDeviceMode)}]`;
  const addresses = ipam.allocations.map(([ip, owner]) => `  ${ip} (${sanitize(owner)})\n`).sort(compareBytes);
  return [
    `IPAM:\t${ipam.status}\n`,
    ...(details.addresses ? ['Allocated addresses:\n', ...addresses] : []),
    `IPv4 BIG TCP:\t${bigTcpText(status.bigTcp4)}\n`,
    `IPv6 BIG TCP:\t${bigTcpText(status.bigTcp6)}\n`,
    `BandwidthManager:\t${bandwidth.enabled ? `EDT with BPF [${bandwidth.congestionControl.toUpperCase()}] [${deviceNames(status)}]` : 'Disabled'}\n`,
    `Routing:\tNetwork: ${routing.network}${tunnel}\tHost: ${routing.host}\n`,
    // the one line the real agent doesn't have
    `Encapsulation:\t${encapsulation}\n`,
    `Attach Mode:\t${status.attachMode === 'tcx' ? 'TCX' : 'Legacy TC'}\n`,
    `Device Mode:\t${mode}\n`,
    `Masquerading:\t${masqueradeText(status)}\n`,
    ...(details.verbose ? ['Clock Source for BPF:\tktime\n'] : []),
  ];
}

function masqueradeText(status: AgentStatus): string {
  const {mode, ipMasqAgent, ipv4, ipv6, exclusion4, exclusion6} = status.masquerading;
  const word = (on: boolean) => (on ? 'Enabled' : 'Disabled');
  if (!ipv4 && !ipv6) return 'Disabled';
  const families = `[IPv4: ${word(ipv4)}, IPv6: ${word(ipv6)}]`;
  if (mode === 'iptables') return `IPTables ${families}`;
  return `BPF${ipMasqAgent ? ' (ip-masq-agent)' : ''}\t[${deviceNames(status)}]\t${exclusion4} ${exclusion6} ${families}`;
}

function activityLines(status: AgentStatus, details: StatusDetails): string[] {
  const {controllers, proxy, identityRange, hubble} = status;
  return [
    `Controller Status:\t${controllers.length}/${controllers.length} healthy\n`,
    ...(details.controllers ? [controllerTable(controllers)] : []),
    proxy
      ? `Proxy Status:\tOK, ip ${proxy.ip}, 0 redirects active on ports 10000-20000, Envoy: ${proxy.envoy}\n`
      : 'Proxy Status:\tNo managed proxy redirect\n',
    `Global Identity Range:\tmin ${identityRange.min}, max ${identityRange.max}\n`,
    hubble
      ? `Hubble:\tOk\t${hubbleText(hubble)}\tMetrics: ${hubble.metrics ? 'Ok' : 'Disabled'}\n`
      : 'Hubble:\tDisabled\n',
  ];
}

function hubbleText({seen, max, uptime}: NonNullable<AgentStatus['hubble']>): string {
  const current = Math.min(seen, max);
  const share = ((current / max) * 100).toFixed(2);
  return `Current/Max Flows: ${current}/${max} (${share}%), Flows/s: ${(seen / (uptime / 1e9)).toFixed(2)}`;
}

/** `1m36s ago`: whole seconds. */
function ago(ns: number): string {
  return `${goDuration(Math.floor(ns / 1e9) * 1e9)} ago`;
}

/** The header is sorted among the rows, as a string: it stays first, since no name begins with a capital letter. */
function controllerTable(controllers: readonly Controller[]): string {
  const rows = controllers.map(({name, age}) => `  ${sanitize(name)}\t${ago(age)}\tnever\t0\tno error\t\n`);
  const header = '  Name\tLast success\tLast error\tCount\tMessage\n';
  return tabwriter([header, ...rows].sort(compareBytes).join(''), inner);
}

function kprDetails({kubeProxyReplacement: kpr}: AgentStatus): string {
  const {features} = kpr;
  const {nodePort} = features;
  const word = (on: boolean) => (on ? 'Enabled' : 'Disabled');
  const replaced = nodePort !== undefined;
  const lines = [
    `  Status:\t${kpr.mode}\n`,
    `  Socket LB:\t${word(features.socketLb)}\n`,
    `  Socket LB Tracing:\t${word(features.socketLb)}\n`,
    `  Socket LB Coverage:\t${features.hostnsOnly ? 'Hostns-only' : 'Full'}\n`,
  ];
  if (replaced && kpr.devices.length > 0) lines.push(`  Devices:\t${deviceText(kpr)}\n`);
  if (nodePort) {
    lines.push(`  Mode:\t${nodePort.mode}\n`);
    if (nodePort.mode !== 'SNAT') lines.push(`    DSR Dispatch Mode:\t${nodePort.dsrMode}\n`);
    const table = nodePort.algorithm === 'Maglev' ? ` (Table Size: ${nodePort.tableSize})` : '';
    lines.push(`  Backend Selection:\t${nodePort.algorithm}${table}\n`);
  }
  lines.push('  Session Affinity:\tEnabled\n', '  NAT46/64 Support:\tDisabled\n');
  if (nodePort) lines.push(`  XDP Acceleration:\t${nodePort.acceleration}\n`);
  lines.push(
    '  Services:\n',
    '  - ClusterIP:\tEnabled\n',
    `  - NodePort:\t${nodePort ? `Enabled (Range: ${nodePort.min}-${nodePort.max})` : 'Disabled'} \n`,
    `  - LoadBalancer:\t${word(replaced)} \n`,
    `  - externalIPs:\t${word(replaced)} \n`,
    `  - HostPort:\t${word(replaced)}\n`,
  );
  if (features.annotations.length === 0) lines.push('  Annotations:\t(n/a)\n');
  else lines.push('  Annotations:\n', ...features.annotations.map((name) => `  - ${name}\n`));
  return `KubeProxyReplacement Details:\n${tabwriter(lines.join(''), inner)}`;
}

function mapDetails({bpfMaps: {ratio, maps}}: AgentStatus): string {
  const sizing = ratio > 0 && ratio <= 1 ? `on (ratio: ${ratio.toFixed(6)})` : 'off';
  const rows = maps.map(([name, size]) => `  ${name}\t${size}\n`);
  return `BPF Maps:\tdynamic sizing: ${sizing}\n${tabwriter(`  Name\tSize\n${rows.join('')}`, inner)}`;
}

/** Rows of nodes printed without `--all-nodes` and `--all-health`. */
const MAX_ROWS = 10;

function healthLines(status: AgentStatus, details: StatusDetails): string[] {
  const {health, modules} = status;
  if (!health) return ['Cluster health:\tProbe disabled\n'];
  const count = (level: string) => modules.filter((module) => module.level === level).length;
  const summary = `Stopped(${count('Stopped')}) Degraded(${count('Degraded')}) OK(${count('OK')})`;
  return [
    ...nodeHealth(health, details),
    `Modules Health:\t${summary}\n`,
    ...(details.health ? [moduleTree(modules)] : []),
    '\n',
  ];
}

function nodeHealth(health: Health, details: StatusDetails): string[] {
  const {nodes, timestamp, probeInterval} = health;
  const healthy = nodes.filter((node) => node.reachable).length;
  const interval = details.minor >= 18 ? `\t(Probe interval: ${goDuration(probeInterval)})` : '';
  const limit = details.nodes || details.health ? Number.POSITIVE_INFINITY : MAX_ROWS;
  const rows = nodes.filter((node) => details.verbose || details.nodes || !node.reachable).slice(0, limit);
  const left = nodes.length - rows.length - healthy;
  // up to 1.17 the header was indented, and missing where no row follows
  const header =
    details.minor >= 18 ? ['Name\tIP\tNode\tEndpoints\n'] : rows.length > 0 ? ['  Name\tIP\tNode\tEndpoints\n'] : [];
  return [
    `Cluster health:\t${healthy}/${nodes.length} reachable\t(${timestamp})${interval}\n`,
    ...header,
    ...rows.map((node) => (details.verbose ? probeText(node, timestamp) : nodeRow(node))),
    ...(left > 0 ? ['  ...\n'] : []),
  ];
}

function nodeRow({name, local, reachable, hostIps, endpointIps}: HealthNode): string {
  const paths = (ips: readonly string[]) => `${reachable ? ips.length : 0}/${ips.length}`;
  return `  ${sanitize(name)}${local ? ' (localhost)' : ''}\t${hostIps.join(',')}\t${paths(hostIps)}\t${paths(endpointIps)}\n`;
}

/** Each path with its two probes. Round trips are not simulated here: `ping` measures them. */
function probeText({name, local, reachable, hostIps, endpointIps}: HealthNode, timestamp: string): string {
  const state = reachable ? 'OK, RTT=0s' : 'Connection timed out';
  const path = (kind: string, ips: readonly string[]) =>
    ips.map(
      (ip, i) =>
        `    ${i === 0 ? '' : 'Secondary '}${kind} connectivity to ${ip}:\n` +
        `      ICMP to stack:\t${state}\t(Last probed: ${timestamp})\n` +
        `      HTTP to agent:\t${state}\t(Last probed: ${timestamp})\n`,
    );
  const head = `  ${sanitize(name)}${local ? ' (localhost)' : ''}:\n`;
  return head + [...path('Host', hostIps), ...path('Endpoint', endpointIps)].join('');
}
