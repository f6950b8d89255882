/** Starts a line of traffic: the address first, then the protocol's application. */
import type {Ip} from '../../wire/addr.js';
import {startDns, startNamed} from './dns-client.js';
import {startPing} from './ping.js';
import {startSctp} from './sctp-app.js';
import {startTcp} from './tcp-app.js';
import {addressesOf, report, type Traffic} from './traffic.js';
import {startUdp} from './udp-app.js';

export function start(traffic: Traffic): void {
  const {ns, outcome} = traffic;
  const {spec} = outcome;
  if (spec.protocol === 'dns') return void startDns(traffic);
  const {to} = spec;
  if (to.kind === 'name') return void startNamed(traffic, to.name, false, (ip) => launch(traffic, ip));
  if (to.kind === 'service' && to.dnsName !== undefined)
    return void startNamed(traffic, to.dnsName, true, (ip) => launch(traffic, ip));
  const ip = addressesOf(ns.run, ns, to)[0];
  if (ip === undefined)
    return void report(traffic, {kind: 'unreachable', sequence: 1, from: 0, text: 'Network is unreachable'});
  launch(traffic, ip);
}

function launch(traffic: Traffic, ip: Ip): void {
  const {spec} = traffic.outcome;
  const port = spec.port ?? 0;
  traffic.outcome.target = {ip, port};
  switch (spec.protocol) {
    case 'icmp':
      return void startPing(traffic, ip);
    case 'udp':
      return void startUdp(traffic, ip, port);
    case 'sctp':
      return void startSctp(traffic, ip, port);
    default:
      return void startTcp(traffic, ip, port);
  }
}
