/**
 * `bpf lb list`, `bpf lb maglev list`: the service maps (cilium-dbg/cmd/bpf_lb_list.go, pkg/loadbalancer/maps/types.go).
 * The real order of rows is that of a Go map, a different one each time; this one is by service, slot by slot.
 */
import {type Backend, type Frontend, type ServiceMaps, serviceFlags} from '../../../control/model.js';
import {slotsOf} from '../../../control/service-maps.js';
import {formatIp, formatIpPort, formatPrefix, isIp4} from '../../../wire/addr.js';
import {type MapDump, printMap, protocolName, type ViewContext} from '../output.js';

const BACKEND_TITLE = 'BACKEND ADDRESS (REVNAT_ID) (SLOT)';

export function lbList(context: ViewContext): Promise<number> {
  const {services, config} = context.session.state();
  const on = (flag: string) => context.flags.get(flag) === 'true';
  if (on('revnat')) return printMap(context, ['ID', BACKEND_TITLE], reverseNatDump(services));
  if (on('frontends')) return printMap(context, ['SERVICE ADDRESS', 'BACKEND ID'], frontendDump(services));
  if (on('backends'))
    return printMap(context, ['ID', BACKEND_TITLE], backendDump(services, config.raw['fixed-zone-mapping'] ?? ''));
  if (on('source-ranges')) return printMap(context, ['SOURCE RANGE (REVNAT_ID)', ''], sourceRangeDump(services));
  return printMap(context, ['SERVICE ADDRESS', BACKEND_TITLE], serviceDump(services));
}

/** `IP:PORT/PROTO[/i] (SLOT)`. */
function serviceKey({ip, port, protocol, scope}: Frontend, slot: number): string {
  return `${formatIpPort(ip, port)}/${protocolName(protocol)}${scope === 'internal' ? '/i' : ''} (${slot})`;
}

export function serviceDump({frontends}: ServiceMaps): MapDump {
  return frontends.flatMap((frontend) => {
    const any = isIp4(frontend.ip) ? '0.0.0.0' : '[::]';
    const master = `${any}:0 (${frontend.id}) (0) [${flagText(frontend)}] `;
    return [
      [serviceKey(frontend, 0), [master]] as const,
      ...slotsOf(frontend).map((backend, i) => {
        const address = `${formatIpPort(backend.ip, backend.port)}/${protocolName(backend.protocol)}`;
        return [serviceKey(frontend, i + 1), [`${address} (${frontend.id}) (${i + 1})`]] as const;
      }),
    ];
  });
}

/** ServiceFlags.String(): the type, then the words of the bits that are set. */
export function flagText({type, flags, flags2}: Pick<Frontend, 'type' | 'flags' | 'flags2'>): string {
  const bits = flags | (flags2 << 8);
  const has = (name: keyof typeof serviceFlags) => (bits & serviceFlags[name]) !== 0;
  const denies = has('sourceRange') && has('quarantined');
  const words: (string | false)[] = [
    type,
    has('extLocal') && 'Local',
    has('intLocal') && 'InternalLocal',
    has('twoScopes') && 'two-scopes',
    has('affinity') && 'sessionAffinity',
    !has('routable') && 'non-routable',
    has('sourceRange') && 'check source-range',
    denies && 'deny',
    has('nat46x64') && '46x64',
    has('l7lb') && 'l7-load-balancer',
    has('loopback') && (type === 'HostPort' ? 'loopback' : 'delegate-if-local'),
    has('quarantined') && !denies && 'quarantined',
    has('dsr') && 'dsr',
  ];
  return words.filter((word) => word !== false).join(', ');
}

/** `BACKEND_ID COUNT[QUARANTINED] (REVNAT) [FLAGS FLAGS2]`; slot 0 keeps algorithm and affinity timeout in place of the id. */
export function frontendDump({frontends}: ServiceMaps): MapDump {
  return frontends.flatMap((frontend) => {
    const {id, flags, flags2, count, algorithm, affinityTimeout} = frontend;
    const backends = slotsOf(frontend);
    const tail = `(${id}) [0x${flags.toString(16)} 0x${flags2.toString(16)}]`;
    const first = algorithm * 2 ** 24 + affinityTimeout;
    return [
      [serviceKey(frontend, 0), [`${first} ${count}[${backends.length - count}] ${tail}`]] as const,
      ...backends.map((backend, i) => [serviceKey(frontend, i + 1), [`${backend.id} 0[0] ${tail}`]] as const),
    ];
  });
}

/** `PROTO://IP[ZONE]`; only zones of `fixed-zone-mapping` have a number in the map. The port isn't shown. */
export function backendDump({backends}: ServiceMaps, zones: string): MapDump {
  const mapped = new Set(zones.split(/[\s,]+/).map((pair) => pair.split('=')[0]!));
  const text = ({ip, protocol, zone}: Backend) =>
    `${protocolName(protocol)}://${formatIp(ip)}${zone !== undefined && mapped.has(zone) ? `[${zone}]` : ''}`;
  return [...backends.values()].map((backend) => [String(backend.id), [text(backend)]] as const);
}

export function reverseNatDump({reverseNat}: ServiceMaps): MapDump {
  return [...reverseNat].map(([id, {ip, port}]) => [String(id), [formatIpPort(ip, port)]] as const);
}

export function sourceRangeDump({frontends}: ServiceMaps): MapDump {
  return frontends.flatMap(({id, sourceRanges}) =>
    sourceRanges.map((range) => [`${formatPrefix(range)} (${id})`, ['']] as const),
  );
}

/** One row per service that has a table: `[ID]/v4`, the backend ids of all its slots. */
export function maglevList(context: ViewContext): Promise<number> {
  const {frontends} = context.session.state().services;
  const dump = frontends.flatMap(({id, ip, maglev}) => {
    const table = maglev?.();
    return table ? [[`[${id}]/${isIp4(ip) ? 'v4' : 'v6'}`, [`[${table.join(' ')}]`]] as const] : [];
  });
  return printMap(context, ['SVC ID', 'LOOKUP TABLE'], dump);
}
