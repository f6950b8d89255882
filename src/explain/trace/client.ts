/** Whether the server sees the client's own address, and if not whose and since where. */
import type {Cluster} from '../../cluster/model.js';
import {formatIp} from '../../wire/addr.js';
import type {Packet} from './frame.js';
import type {Hop} from './model.js';

/** `sent`, `arrived`: the request as it left and as it arrived. */
export function clientLine(hops: readonly Hop[], sent: Packet, arrived: Packet, cluster: Cluster): string {
  const own = formatIp(sent.source);
  const seen = formatIp(arrived.source);
  if (sent.source === arrived.source) return `${own} kept: ${keptBy(hops)}`;
  const at = hops.findIndex(({changes}) =>
    changes.some(({field, after}) => /IPv[46] source$/.test(field) && after === seen),
  );
  const hop = hops[at];
  const place = hop ? ` since hop ${at + 1} (${hop.node} ${hop.device})` : '';
  return `${own} lost: the server sees ${seen}, ${whose(arrived.source, cluster)}${place}`;
}

function keptBy(hops: readonly Hop[]): string {
  const request = hops.filter(({leg}) => leg === 'request');
  const texts = request.flatMap(({changes}) => changes.map(({after}) => after));
  if (texts.some((text) => text.includes('DSR'))) return 'direct server return (DSR)';
  const cards = request.filter(
    ({device, direction, place}) => place === 'device' && device === 'eth0' && direction === 'out',
  );
  const translated = request.some(({decisions}) => decisions.some(({kind}) => kind === 'translate'));
  if (translated && request[0]?.node === '' && cards.length === 0)
    return 'the backend is on the node that took the packet';
  return 'no translation of sources on the way';
}

function whose(ip: Packet['source'], {nodes, cilium}: Cluster): string {
  const node = nodes.find(({ips, externalIps}) => [...ips, ...externalIps].includes(ip));
  if (node) return `the address of ${node.name} (SNAT)`;
  const router = nodes.find(({routerIps}) => routerIps.includes(ip));
  if (router) return `cilium_host of ${router.name} (SNAT)`;
  return formatIp(ip) === (cilium.raw['ipv4-service-loopback-address'] ?? '169.254.42.1')
    ? 'the loopback address of a pod that calls itself through a service'
    : 'a translated address';
}
