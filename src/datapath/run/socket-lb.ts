/** connect() and sendmsg() of a process: where the packets go, by the node's socket load balancing. */
import type {Ip} from '../../wire/addr.js';
import {PROTO_TCP, PROTO_UDP} from '../../wire/l4.js';
import {connectService} from '../bpf/socket-lb.js';
import type {Ns} from './state.js';

/** Undefined: EHOSTUNREACH, the service has no backend. */
export function connectSocket(
  ns: Ns,
  protocol: 'tcp' | 'udp',
  ip: Ip,
  port: number,
): {readonly ip: Ip; readonly port: number} | undefined {
  const {node, run} = ns;
  if (!node || run.cluster.dataplane !== 'cilium' || run.cluster.cilium.socketLb === 'off') return {ip, port};
  node.runtime.time = run.now;
  const caller = {
    netns: ns.kind === 'host' ? 0 : node.pods.indexOf(ns) + 1,
    cookie: ++run.sockets,
    ips: ns.pod?.ips ?? [],
    packet: run.packets + 1,
  };
  const result = connectService(node.runtime, caller, {ip, port}, protocol === 'tcp' ? PROTO_TCP : PROTO_UDP);
  if (result.kind === 'error') return undefined;
  return result.kind === 'translated' ? result : {ip, port};
}
