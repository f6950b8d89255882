/** `disruption SERVICE`: what connections without a conntrack entry see when a backend leaves, by the Maglev tables before and after. */
import {type Disruption, maglevDisruption} from '../control/disruption.js';
import type {Frontend} from '../control/model.js';
import {protocolName} from '../control/protocols.js';
import type {Session} from '../session/session.js';
import {UserError} from '../term/error.js';
import {goJson} from '../term/go-json.js';
import type {Io} from '../term/io.js';
import {nearest} from '../term/nearest.js';
import {tabwriter} from '../term/tabwriter.js';
import {formatIpPort} from '../wire/addr.js';

export async function runDisruption(session: Session, name: string, output: 'text' | 'json', io: Io): Promise<number> {
  const {maglevTableSize, maglevHashSeed} = session.cluster.cilium;
  const frontends = frontendsOf(session, name);
  const measured = frontends.flatMap((frontend) => {
    const backends = frontend.backends.slice(0, frontend.count);
    const rows = maglevDisruption(backends, maglevTableSize, maglevHashSeed);
    if (!rows)
      throw new UserError({message: `bpf-lb-maglev-hash-seed ${maglevHashSeed} is not the base64 of 12 bytes`});
    return rows.length === 0 ? [] : [{frontend, rows}];
  });
  if (measured.length === 0) throw new UserError({message: `service ${name} has no backends`});
  if (output === 'json') io.stdout.write(`${goJson({schemaVersion: 1, leaving: measured.flatMap(models)})}\n`);
  else io.stdout.write(measured.map(text).join('\n'));
  return 0;
}

/** One per port: the frontends of a service differ in their addresses, not in their backends. */
function frontendsOf(session: Session, name: string): Frontend[] {
  const {frontends} = session.state().services;
  const known = frontends.flatMap(({service}) => (service ? [`${service.namespace}/${service.name}`] : []));
  const wanted = name.includes('/') ? name : `default/${name}`;
  const own = frontends.filter(({service}) => service && `${service.namespace}/${service.name}` === wanted);
  if (own.length === 0)
    throw new UserError({message: `no service ${wanted} on node ${session.node.name}`, hint: nearest(wanted, known)});
  const ports = new Map(
    own.map((frontend) => [`${frontend.portName} ${frontend.protocol}`, frontend] as const).reverse(),
  );
  return [...ports.values()].reverse();
}

const percent = (part: number, all: number) => `${((100 * part) / all).toFixed(2)}%`;

function text({frontend, rows}: {readonly frontend: Frontend; readonly rows: readonly Disruption[]}): string {
  const {ip, port, protocol, maglev} = frontend;
  const title = `${formatIpPort(ip, port)}/${protocolName(protocol)}: ${rows.length} backends, ${rows[0]!.slots} slots`;
  const lines = rows.map(
    ({leaves, slots, own, moved}) =>
      `${formatIpPort(leaves.ip, leaves.port)}\t${percent(own, slots)}\t${percent(moved, slots)}\t\n`,
  );
  const table = tabwriter(`LEAVES\tITS SHARE\tOTHERS MOVED\t\n${lines.join('')}`, {minWidth: 5, padding: 3});
  const note = maglev
    ? ''
    : 'this frontend draws at random: no table is installed, these are the figures it would have\n';
  return `${title}\n${note}${table.replaceAll(/ +\n/g, '\n')}`;
}

function models({frontend, rows}: {readonly frontend: Frontend; readonly rows: readonly Disruption[]}) {
  return rows.map(({leaves, slots, own, moved}) => ({
    frontend: formatIpPort(frontend.ip, frontend.port),
    protocol: protocolName(frontend.protocol),
    installed: frontend.maglev !== undefined,
    leaves: formatIpPort(leaves.ip, leaves.port),
    slots,
    own,
    moved,
  }));
}
