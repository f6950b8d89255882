/** What ipvsadm 1.31 prints (ipvsadm.c: print_title, print_service_entry, print_conn). */
import type {IpvsState, RealServer, VirtualServer} from '../../control/kube-proxy/ipvs/model.js';
import type {Protocol} from '../../control/kube-proxy/model.js';
import {protocolNumber} from '../../control/kube-proxy/nft/model.js';
import type {IpvsConnection, IpvsCounters, IpvsStats} from '../../datapath/rule-model.js';
import {serviceName} from '../../filter/services.js';
import {compareIp, formatIp, type Ip, isIp4} from '../../wire/addr.js';
import type {IpvsadmCommand} from './argv.js';

/** IP_VS_CONN_TAB_BITS of the kernel as distributions build it. */
const HEADING = 'IP Virtual Server version 1.2.1 (size=4096)\n';

type Listing = Exclude<IpvsadmCommand['show'], 'save' | 'timeout' | 'connections'>;

function countersTitle(names: readonly string[]): string {
  const columns = names.map((name) => name.padStart(8)).join(' ');
  return `${'Prot LocalAddress:Port'.padEnd(33)} ${columns}\n  -> RemoteAddress:Port\n`;
}

const titles: Readonly<Record<Listing, string>> = {
  services:
    'Prot LocalAddress:Port Scheduler Flags\n' +
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n',
  stats: countersTitle(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']),
  rate: countersTitle(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']),
  persistent: `${'Prot LocalAddress:Port'.padEnd(33)} ${'Weight'.padEnd(9)} ${'PersistConn'.padEnd(11)} ${'ActiveConn'.padEnd(10)} ${'InActConn'.padEnd(10)}\n  -> RemoteAddress:Port\n`,
};

export function ipvsText(families: readonly IpvsState[], stats: IpvsStats, command: IpvsadmCommand): string {
  const {show} = command;
  const servers = families.flatMap((family) => sortedServers(family));
  switch (show) {
    case 'save':
      return servers.map((server) => saved(server, command)).join('');
    case 'timeout':
      return 'Timeout (tcp tcpfin udp): 900 120 300\n';
    case 'connections':
      return connectionsText(stats.connections(), command);
    default:
      return HEADING + titles[show] + servers.map((server) => serverText(server, stats, show, command)).join('');
  }
}

/** By protocol, address and port (libipvs.c, ipvs_cmp_services). */
function sortedServers({servers}: IpvsState): readonly VirtualServer[] {
  return [...servers.values()].sort(
    (a, b) => protocolNumber(a.protocol) - protocolNumber(b.protocol) || compareIp(a.ip, b.ip) || a.port - b.port,
  );
}

function sortedReals({reals}: VirtualServer): readonly RealServer[] {
  return [...reals].sort((a, b) => compareIp(a.ip, b.ip) || a.port - b.port);
}

function endText(ip: Ip, port: number, protocol: Protocol, {numeric}: IpvsadmCommand): string {
  const known = numeric || protocol === 'sctp' ? undefined : serviceName(protocol, port);
  return `${isIp4(ip) ? formatIp(ip) : `[${formatIp(ip)}]`}:${known ?? port}`;
}

function serverText(server: VirtualServer, stats: IpvsStats, show: Listing, command: IpvsadmCommand): string {
  const {ip, port, protocol, scheduler, persistent} = server;
  const counters = (...of: Parameters<IpvsStats['counters']>) =>
    show === 'rate' ? stats.rates(...of) : stats.counters(...of);
  const four = isIp4(ip);
  const full = `${protocol.toUpperCase()}  ${endText(ip, port, protocol, command)}`;
  const name = four ? full.slice(0, 33) : full;
  const kept = persistent === undefined ? '' : ` persistent ${persistent}`;
  const head =
    show === 'stats' || show === 'rate'
      ? name.padEnd(33) + countersText(counters(server), command)
      : `${name} ${scheduler}${kept}`;
  const reals = sortedReals(server).map((real) => {
    const text = endText(real.ip, real.port, protocol, command);
    const cut = (four ? text.slice(0, 28) : text).padEnd(28);
    if (show === 'stats' || show === 'rate') return `  -> ${cut}${countersText(counters(server, real), command)}\n`;
    const {active, inactive, persistent: templates} = stats.load(server, real);
    const load = `${String(active).padEnd(10)} ${String(inactive).padEnd(10)}\n`;
    return show === 'persistent'
      ? `  -> ${cut} ${String(real.weight).padEnd(9)} ${String(templates).padEnd(11)} ${load}`
      : `  -> ${cut} ${'Masq'.padEnd(7)} ${String(real.weight).padEnd(6)} ${load}`;
  });
  return `${head}\n${reals.join('')}`;
}

function countersText(counters: IpvsCounters, {exact}: IpvsadmCommand): string {
  const {connections, inPackets, outPackets, inBytes, outBytes} = counters;
  return [connections, inPackets, outPackets, inBytes, outBytes].map((n) => largeNumber(n, exact)).join('');
}

/** print_largenum: nine columns. */
function largeNumber(n: number, exact: boolean): string {
  if (exact) return String(n).length <= 8 ? String(n).padStart(9) : ` ${n}`;
  if (n < 1e8) return String(n).padStart(9);
  const [unit, size] =
    n < 1e9
      ? (['K', 1e3] as const)
      : n < 1e11
        ? (['M', 1e6] as const)
        : n < 1e14
          ? (['G', 1e9] as const)
          : (['T', 1e12] as const);
  return `${String(Math.floor(n / size)).padStart(8)}${unit}`;
}

function saved(server: VirtualServer, command: IpvsadmCommand): string {
  const {ip, port, protocol, scheduler, persistent} = server;
  const option = {tcp: '-t', udp: '-u', sctp: '--sctp-service'}[protocol];
  const name = `${option} ${endText(ip, port, protocol, command)}`;
  const reals = sortedReals(server).map(
    (real) => `-a ${name} -r ${endText(real.ip, real.port, protocol, command)} -m -w ${real.weight}\n`,
  );
  return `-A ${name} -s ${scheduler}${persistent === undefined ? '' : ` -p ${persistent}`}\n${reals.join('')}`;
}

function connectionsText(connections: readonly IpvsConnection[], command: IpvsadmCommand): string {
  const lines = connections.map(({server, real, source, sourcePort, state, left}) => {
    const {protocol} = server;
    const seconds = Math.floor(left / 1000);
    const two = (n: number) => String(n).padStart(2, '0');
    const expire = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    const client = endText(source, sourcePort, protocol, {...command, numeric: command.numeric || sourcePort === 0});
    const virtual = endText(server.ip, server.port, protocol, command);
    const destination = endText(real.ip, real.port, protocol, command);
    return `${protocol.toUpperCase().padEnd(3)} ${expire}  ${state.padEnd(11)} ${client.padEnd(18)} ${virtual.padEnd(18)} ${destination}\n`;
  });
  return `IPVS connection entries\npro expire state       source             virtual            destination\n${lines.join('')}`;
}
