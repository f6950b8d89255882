/** Services with their addresses, ports and backends. */
import type {Cluster} from '../../cluster/model.js';
import {formatIp, formatIpPort} from '../../wire/addr.js';
import {note, type Section, table, text} from './html.js';

const SHOWN = 500;
const BACKENDS = 6;

export function servicesSection({services}: Cluster): Section {
  const rows = services.slice(0, SHOWN).map((service) => {
    const {namespace, name, type, clusterIps, externalIps, loadBalancerIps, backends, ports} = service;
    const addresses = [...clusterIps, ...externalIps, ...loadBalancerIps].map(formatIp);
    const portTexts = ports.map(
      ({port, protocol, nodePort}) => `${port}/${protocol}${nodePort ? ` (node ${nodePort})` : ''}`,
    );
    const ends = backends
      .slice(0, BACKENDS)
      .map(
        ({ip, port, protocol, state}) =>
          `${formatIpPort(ip, port)}/${protocol}${state === 'active' ? '' : ` ${state}`}`,
      );
    const more = backends.length > BACKENDS ? [`and ${backends.length - BACKENDS} more`] : [];
    return [
      text(`${namespace}/${name}`),
      text(type),
      lines(addresses.length > 0 ? addresses : [service.externalName ?? 'None']),
      lines(portTexts),
      backends.length === 0 ? '<span class="bad">none</span>' : lines([...ends, ...more]),
    ];
  });
  const columns = ['service', 'type', 'addresses', 'ports', 'backends'].map((title) => ({title}));
  const more = services.length > SHOWN ? note(`… and ${services.length - SHOWN} more services`) : '';
  const body = services.length === 0 ? note('no services') : table('Services and their backends', columns, rows) + more;
  return {id: 'services', title: 'Services', body};
}

function lines(words: readonly string[]): string {
  return words.map((word) => `<code>${text(word)}</code>`).join('<br>');
}
