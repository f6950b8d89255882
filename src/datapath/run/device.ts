/**
 * Devices: taps, tc programs, and what the kernel does with their verdicts.
 *
 *   receive:   XDP → counters → AF_PACKET tap → tc ingress → stack (or where the program redirects)
 *   transmit:  tc egress → tap → counters → the link: veth peer, wire, tunnel, loopback
 */
import {writeMac} from '../../wire/addr.js';
import {get16, set16} from '../../wire/bytes.js';
import {runHook} from '../bpf/hooks.js';
import type {HookAction, HookName} from '../model.js';
import type {Step} from '../step-model.js';
import {ipReceive} from './ip-input.js';
import {neighbourOf, neighbourTransmit} from './neighbour.js';
import {type SimSkb, scrub} from './skb.js';
import {type Dev, kernelEvent, lane} from './state.js';
import {encapsulate} from './tunnel.js';
import {uplinkTransmit, wireTransmit} from './underlay.js';

/** A frame arrives at a device. Takes the skb. */
export function receive(dev: Dev, skb: SimSkb): void {
  if (dev.xdp && !passesXdp(dev, skb)) return;
  if (skb.ingressIfindex === 0) skb.ingressIfindex = dev.ifindex;
  skb.toHost = false;
  dev.counters.rxPackets++;
  dev.counters.rxBytes += skb.end - skb.start;
  if (dev.taps.length > 0) tap(dev, 'in', skb);
  if (dev.ingress === undefined) ipReceive(dev, skb);
  else act(dev, skb, run(dev, dev.ingress, skb));
}

/** What XDP sends back or drops, no tap and no counter of the stack ever sees. False: it has taken the skb. */
function passesXdp(dev: Dev, skb: SimSkb): boolean {
  const action = run(dev, 'cil_xdp_entry', skb);
  if (action.kind === 'ok') return true;
  if (action.kind === 'drop') dev.ns.run.pool.release(skb);
  else if (action.kind === 'redirect') wireTransmit(dev.ns.node!.eth0, skb);
  else discard(dev, skb, 'XDP redirects to nowhere');
  return false;
}

/** A complete frame leaves by a device. Takes the skb. */
export function transmit(dev: Dev, skb: SimSkb): void {
  if (dev.egress === undefined) transmitUnfiltered(dev, skb);
  else {
    const action = run(dev, dev.egress, skb);
    if (action.kind === 'ok') transmitUnfiltered(dev, skb);
    else act(dev, skb, action);
  }
}

/** Behind tc egress. */
function transmitUnfiltered(dev: Dev, skb: SimSkb): void {
  // libpcap leaves out the outgoing copy on loopback devices.
  if (dev.taps.length > 0 && dev.link !== 'loopback') tap(dev, 'out', skb);
  dev.counters.txPackets++;
  dev.counters.txBytes += skb.end - skb.start;
  switch (dev.link) {
    case 'veth':
      return void crossVeth(dev, skb);
    case 'tunnel':
      return void encapsulate(dev, skb);
    case 'wire':
      return void wireTransmit(dev, skb);
    case 'uplink':
      return void uplinkTransmit(dev, skb);
    case 'loopback':
      return void later(dev, skb, lane.loopback);
  }
}

function crossVeth(dev: Dev, skb: SimSkb): void {
  const peer = dev.peer;
  // is_skb_forwardable: the frame may be as long as the peer's MTU, Ethernet header and a VLAN tag.
  if (!peer || skb.end - skb.start > peer.mtu + 18) {
    dev.counters.txDropped++;
    return void discard(dev, skb, 'exceeds the MTU of the veth peer');
  }
  if (peer.ns !== dev.ns) scrub(skb);
  else skb.ingressIfindex = 0;
  later(peer, skb, lane.veth);
}

/** The frame arrives at `dev` after the delay of a lane. */
export function later(dev: Dev, skb: SimSkb, after: number): void {
  const {run} = dev.ns;
  run.agenda.pushAfter(after, run.now, dev.arrival, skb);
}

function run(dev: Dev, hook: HookName, skb: SimSkb): HookAction {
  return dev.ns.run.step === undefined ? runProgram(dev, hook, skb) : runWatched(dev, hook, skb, dev.ns.run.step);
}

/** Apart from `run`, which would make the closure's context for every packet. */
function runWatched(dev: Dev, hook: HookName, skb: SimSkb, step: (step: Step) => void): HookAction {
  const tell = (kind: 'enter' | 'leave', action: HookAction | undefined) => {
    const {name: device, ifindex} = dev;
    const frame = skb.buf.subarray(skb.start, skb.end);
    const {packet} = skb;
    step({kind, time: dev.ns.run.now, node: dev.ns.node!.name, packet, hook, device, ifindex, action, frame});
  };
  tell('enter', undefined);
  const action = runProgram(dev, hook, skb);
  tell('leave', action);
  return action;
}

function runProgram(dev: Dev, hook: HookName, skb: SimSkb): HookAction {
  const {runtime} = dev.ns.node!;
  runtime.time = dev.ns.run.now;
  skb.ifindex = dev.ifindex;
  if (skb.tunnel !== undefined) return runHook(hook, skb, runtime);
  // A key to write to, so that asking for a tunnel makes no garbage; the TTL tells whether it was.
  const {spare} = skb;
  spare.ttl = 0;
  skb.tunnel = spare;
  const action = runHook(hook, skb, runtime);
  if (spare.ttl === 0) skb.tunnel = undefined;
  return action;
}

function act(dev: Dev, skb: SimSkb, action: HookAction): void {
  const {node, run} = dev.ns;
  if (action.kind === 'ok') return void ipReceive(dev, skb);
  // Device counters don't know what tc drops: the programs keep metrics of their own.
  if (action.kind === 'drop') return void run.pool.release(skb);
  const target = node!.devices[action.ifindex];
  if (!target) return void discard(dev, skb, `redirected to a device that does not exist: ifindex ${action.ifindex}`);
  if (action.kind === 'redirect') {
    if (!action.ingress) return void transmit(target, skb);
    skb.ingressIfindex = 0;
    return void receive(target, skb);
  }
  if (action.kind === 'redirect-neigh') return void neighbourTransmit(target, neighbourOf(target, action.nexthop), skb);
  if (!target.peer) return void discard(dev, skb, `${target.name} has no peer`);
  scrub(skb);
  receive(target.peer, skb);
}

function tap(dev: Dev, direction: 'in' | 'out', skb: SimSkb): void {
  const {taps, point} = dev;
  for (let i = 0; i < taps.length; i++)
    taps[i]!.frame(point!, dev.ns.run.now, direction, skb.buf, skb.start, skb.end, skb.packet);
}

/** The kernel gives up on a packet, with a reason for those who ask. */
export function discard(dev: Dev, skb: SimSkb, text: string): void {
  const {run} = dev.ns;
  if (run.emit) kernelEvent(dev.ns, skb.packet, 'discard', `${dev.ns.name} ${dev.name}: ${text}`);
  run.pool.release(skb);
}

/** Is the frame for this device: its own address, or a group's? */
export function isForDevice(dev: Dev, skb: SimSkb): boolean {
  const {buf, start} = skb;
  if (skb.toHost || (buf[start]! & 1) === 1) return true;
  return (
    get16(buf, start) === dev.macHigh && get16(buf, start + 2) === dev.macMiddle && get16(buf, start + 4) === dev.macLow
  );
}

/** Writes the Ethernet header in place, keeping the type. */
export function setMacs(skb: SimSkb, destination: number, source: number): void {
  writeMac(skb.buf, skb.start, destination);
  writeMac(skb.buf, skb.start + 6, source);
}

export function etherType(skb: SimSkb): number {
  return get16(skb.buf, skb.start + 12);
}

export function setEtherType(skb: SimSkb, type: number): void {
  set16(skb.buf, skb.start + 12, type);
}
