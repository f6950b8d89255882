/** Answers to ARP and IPv6 neighbour solicitations, so that a pod's gateway and neighbours are always the lxc device. */
import {type Ip4, MAC_BROADCAST, type Mac, readIp4, readIp6, readMac, writeIp, writeMac} from '../../wire/addr.js';
import {get16, set16, set32} from '../../wire/bytes.js';
import {drop} from '../drop.js';
import {dropPacket, dropSites} from './events.js';
import {ETH_HEADER, setLength} from './frame.js';
import {interfaceMac, replyFrom} from './icmp-reply.js';
import {redirect} from './redirect.js';
import {FINAL_OK, FINAL_REDIRECT, type HookRun} from './run.js';

/** ARP over Ethernet (RFC 826): hardware type, operation, and the addresses behind them. */
const ARP_LENGTH = 28;
const ARP_ETHERNET = 1;
const ARP_REQUEST = 1;
const ARP_REPLY = 2;
const ARP_OPERATION = 6;
const ARP_SENDER_MAC = 8;
const ARP_SENDER_IP = 14;
const ARP_TARGET_MAC = 18;
const ARP_TARGET_IP = 24;

/** Every address is answered with the MAC of the host side, except the pod's own (duplicate address detection). */
export function answerArp(run: HookRun, ownIp: Ip4 | undefined): number {
  const {skb} = run;
  const o = skb.start + ETH_HEADER;
  const mac = interfaceMac(run);
  const destination = readMac(skb.buf, skb.start);
  const request =
    skb.end - o >= ARP_LENGTH &&
    get16(skb.buf, o) === ARP_ETHERNET &&
    get16(skb.buf, o + ARP_OPERATION) === ARP_REQUEST &&
    (destination === MAC_BROADCAST || destination === mac);
  if (!request) return FINAL_OK;
  const sender = readIp4(skb.buf, o + ARP_SENDER_IP);
  const target = readIp4(skb.buf, o + ARP_TARGET_IP);
  if (target === ownIp) return FINAL_OK;
  writeArpReply(skb.buf, skb.start, mac, target, readMac(skb.buf, skb.start + 6), sender);
  redirect(run, skb.ifindex);
  return FINAL_REDIRECT;
}

function writeArpReply(b: Uint8Array, start: number, mac: Mac, ip: Ip4, toMac: Mac, toIp: Ip4): void {
  const o = start + ETH_HEADER;
  writeMac(b, start, toMac);
  writeMac(b, start + 6, mac);
  set16(b, o + ARP_OPERATION, ARP_REPLY);
  writeMac(b, o + ARP_SENDER_MAC, mac);
  writeIp(b, o + ARP_SENDER_IP, ip);
  writeMac(b, o + ARP_TARGET_MAC, toMac);
  writeIp(b, o + ARP_TARGET_IP, toIp);
}

/** Neighbour discovery, RFC 4861 §4.3, §4.4; offsets from the IPv6 header. */
export const ND_SOLICITATION = 135;
export const ND_ADVERTISEMENT = 136;
const ND_TARGET = 48;
const ND_OPTION = 64;
const ND_LENGTH = 72;
const TARGET_LINK_LAYER_ADDRESS = 2;
const ROUTER_SOLICITED = 0xc000_0000;
const SOLICITED_OVERRIDE = 0x6000_0000;

/** Answers for the router, for local pods and the loopback address; the host answers for its own addresses. */
export function answerSolicitation(run: HookRun, metric: number): number {
  const {skb, frame, program} = run;
  skb.cb[0] = 0;
  skb.cb[1] = metric;
  if (skb.end - frame.l3 < ND_OPTION) return dropPacket(run, dropSites.neighbourSolicitation, drop.invalid, 0);
  const target = readIp6(skb.buf, frame.l3 + ND_TARGET);
  const mac = interfaceMac(run);
  if (target === program.routerIp6) return advertise(run, target, mac, ROUTER_SOLICITED);
  if (run.kind === 'lxc' && target === program.loopback6) {
    return advertise(run, target, readMac(skb.buf, skb.start + 6), SOLICITED_OVERRIDE);
  }
  const endpoint = run.node.lookups.address(target).endpoint;
  if (endpoint) return endpoint.isHost ? FINAL_OK : advertise(run, target, mac, SOLICITED_OVERRIDE);
  // Elsewhere than at a pod the kernel may know who it is.
  return run.kind === 'lxc' ? dropPacket(run, dropSites.neighbourSolicitation, drop.unknownTarget, 0) : FINAL_OK;
}

function advertise(run: HookRun, target: string, mac: Mac, flags: number): number {
  const {skb, frame} = run;
  if (skb.end - frame.l3 < ND_LENGTH) {
    setLength(skb, skb.end - skb.start + 8);
    set16(skb.buf, frame.l3 + 4, get16(skb.buf, frame.l3 + 4) + 8);
  }
  const o = frame.l3;
  skb.buf[o + 40] = ND_ADVERTISEMENT;
  skb.buf[o + 41] = 0;
  set32(skb.buf, o + 44, flags);
  skb.buf[o + ND_OPTION] = TARGET_LINK_LAYER_ADDRESS;
  skb.buf[o + ND_OPTION + 1] = 1;
  writeMac(skb.buf, o + ND_OPTION + 2, mac);
  return replyFrom(run, target, dropSites.neighbourSolicitation);
}
