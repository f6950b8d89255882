/** `ss` as iproute2 6.1 has it: TCP and UDP sockets of the viewpoint's namespace, those that listen included. */
import {listeningPorts} from '../../datapath/run/servers.js';
import type {Ns} from '../../datapath/run/state.js';
import type {TcpConnection, TcpState} from '../../datapath/run/tcp-state.js';
import {serviceName} from '../../filter/services.js';
import {openAfterTraffic} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession} from '../../session/session.js';
import type {Io, ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {formatIp, type Ip, isIp4} from '../../wire/addr.js';
import {parseSs, type SsCommand, type SsOptions, SsUsage, usageText} from './argv.js';
import {type Row, table} from './print.js';

/** net.core.somaxconn */
const BACKLOG = 4096;
const WRONG_OPTION = 255;

export const ssMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  let command: SsCommand;
  try {
    command = parseSs(rest);
  } catch (error) {
    if (!(error instanceof SsUsage)) throw error;
    io.stderr.write(`ss: ${sanitize(error.message)}\n${usageText}`);
    return WRONG_OPTION;
  }
  if (command.kind !== 'run') {
    io.stdout.write(command.kind === 'help' ? usageText : 'ss utility, iproute2-6.1.0\n');
    return 0;
  }
  const {options} = command;
  const session = await createSession(sessionOptions, io);
  const {ns} = await openAfterTraffic(session, io);
  const netid = options.tcp && options.udp;
  io.stdout.write(table(rowsOf(ns, options, io), {header: options.header, netid, state: !options.oneState}));
  return 0;
};

const states: Readonly<Record<TcpState, string>> = {
  'syn-sent': 'SYN-SENT',
  'syn-received': 'SYN-RECV',
  established: 'ESTAB',
  'fin-wait-1': 'FIN-WAIT-1',
  'fin-wait-2': 'FIN-WAIT-2',
  closing: 'CLOSING',
  'close-wait': 'CLOSE-WAIT',
  'last-ack': 'LAST-ACK',
  'time-wait': 'TIME-WAIT',
  closed: 'UNCONN',
};

/** UDP first; what listens in front of what is connected, IPv6 last. */
function rowsOf(ns: Ns, options: SsOptions, io: Io): Row[] {
  ns.tcp.expire(ns.run.now);
  const four = [...ns.addresses].some(isIp4);
  const six = [...ns.addresses].some((ip) => !isIp4(ip) && !/^(::1$|fe[89ab])/.test(formatIp(ip)));
  const ports = listeningPorts(ns);
  if (ports === 'all' && (options.states.has('LISTEN') || options.states.has('UNCONN')))
    io.stderr.write('wirelay: no ports are declared here: every port answers, and none is listed\n');
  const open = ports === 'all' ? [] : [...ports].sort((a, b) => a - b);
  const connections = [...ns.tcp.all()].filter(({state}) => state !== 'closed');
  const flows = [...ns.udp.values()].flatMap(({flow}) => (flow ? [flow] : []));
  const listening = (netid: Row['netid'], family: 4 | 6) =>
    // a socket of IPv6 takes IPv4 as well
    (family === 6 ? six : four && !six) ? open.map((port) => listener(netid, port, family, options)) : [];
  const ofFamily = (family: 4 | 6) => (ip: Ip) => isIp4(ip) === (family === 4);
  const rows = (['udp', 'tcp'] as const).flatMap((netid) =>
    ([4, 6] as const).flatMap((family) => {
      if (!options[netid] || !(family === 4 ? options.four : options.six)) return [];
      const fits = ofFamily(family);
      const used =
        netid === 'tcp'
          ? connections.filter((c) => fits(c.remote)).map((c) => connection(c, options))
          : flows
              .filter((flow) => fits(flow.destination))
              .map((flow) =>
                row('udp', 'ESTAB', [flow.source, flow.sourcePort], [flow.destination, flow.destinationPort], options),
              );
      return [...listening(netid, family), ...used];
    }),
  );
  return rows.flatMap(({ports: [local, remote], ...shown}) => {
    const wanted =
      options.states.has(shown.state) &&
      (options.localPort ?? local) === local &&
      (options.remotePort ?? remote) === remote;
    return wanted ? [shown] : [];
  });
}

type Numbered = Row & {readonly ports: readonly [local: number, remote: number]};

function listener(netid: Row['netid'], port: number, family: 4 | 6, options: SsOptions): Numbered {
  const any = family === 4 ? '0.0.0.0' : '*';
  return {
    netid,
    state: netid === 'tcp' ? 'LISTEN' : 'UNCONN',
    receive: 0,
    send: netid === 'tcp' ? BACKLOG : 0,
    local: [any, portText(netid, port, options)],
    peer: [any, '*'],
    ports: [port, 0],
  };
}

function connection(c: TcpConnection, options: SsOptions): Numbered {
  const unread = Math.max(0, (c.app.backlog?.(c) ?? 0) - c.queue.length);
  return {
    ...row('tcp', states[c.state], [c.local, c.localPort], [c.remote, c.remotePort], options),
    receive: unread,
    send: c.queue.length,
  };
}

function row(
  netid: Row['netid'],
  state: string,
  [local, localPort]: readonly [Ip, number],
  [remote, remotePort]: readonly [Ip, number],
  options: SsOptions,
): Numbered {
  return {
    netid,
    state,
    receive: 0,
    send: 0,
    local: [addressText(local), portText(netid, localPort, options)],
    peer: [addressText(remote), portText(netid, remotePort, options)],
    ports: [localPort, remotePort],
  };
}

function addressText(ip: Ip): string {
  return isIp4(ip) ? formatIp(ip) : `[${formatIp(ip)}]`;
}

function portText(netid: Row['netid'], port: number, {numeric}: SsOptions): string {
  return (numeric ? undefined : serviceName(netid, port)) ?? String(port);
}
