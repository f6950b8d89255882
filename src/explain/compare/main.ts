/** `compare`: measured, then printed. */
import type {Cluster} from '../../cluster/model.js';
import type {SessionOptions} from '../../session/options.js';
import {startProgress} from '../../session/progress.js';
import {createSession} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {Io} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {
  carry,
  encapsulations,
  measureServices,
  pairOfPods,
  type ServiceResult,
  serviceCapacity,
  translations,
  withServices,
} from './compare.js';
import {type Comparison, comparisonJson, comparisonText} from './print.js';

export interface CompareOptions {
  /** Numbers of services. */
  readonly services: readonly number[];
  readonly endpoints: number;
  readonly mtus: readonly number[];
  /** Connections measured at each number of services. */
  readonly samples: number;
  readonly output: 'table' | 'json' | 'svg';
}

export async function runCompare(session: SessionOptions, options: CompareOptions, io: Io): Promise<number> {
  const cluster = await openCarried(session, io);
  const most = Math.max(...options.services);
  const room = serviceCapacity(cluster);
  if (most > room)
    throw new UserError({
      message: `${most} services do not fit into the service range, which has room for ${room}`,
      hint: '--set spec.serviceCIDR=10.96.0.0/12, or fewer --services',
    });
  const progress = startProgress(io.stderr);
  try {
    const carried = options.output === 'svg' ? [] : carriedBy(cluster, options.mtus);
    const services: ServiceResult[] = [];
    for (const count of options.services)
      for (const translation of translations) {
        progress.tell(() => `${count} services, ${translation}`);
        const result = measureServices(withServices(cluster, count, options.endpoints), translation, options.samples);
        if (result) services.push(result);
      }
    const comparison: Comparison = {cluster: sanitize(cluster.name), endpoints: options.endpoints, carried, services};
    progress.end();
    io.stdout.write(await formatted(comparison, options.output));
    return 0;
  } finally {
    progress.end();
  }
}

/** With Cilium: a definition without it is read again as if it had it. */
async function openCarried(options: SessionOptions, io: Io): Promise<Cluster> {
  const {cluster: given} = await createSession(options, io);
  const profile = 'spec.profile=cilium';
  const cluster =
    given.dataplane === 'cilium'
      ? given
      : (await createSession({...options, set: [...options.set, profile]}, io)).cluster;
  if (!pairOfPods(cluster))
    throw new UserError({
      message: 'compare needs two pods with networks of their own on different nodes',
      hint: 'a definition with pods on two nodes, or none: the demo has them',
    });
  return cluster;
}

function carriedBy(cluster: Cluster, mtus: readonly number[]): Comparison['carried'] {
  return encapsulations.flatMap((encapsulation) =>
    translations.map((translation) => {
      const result = carry(cluster, encapsulation, translation, mtus);
      if (!result)
        throw new UserError({
          message: `no datagram crosses between the first two pods under ${encapsulation} and ${translation}`,
          hint: 'network security rules, or an MTU under what pods need',
        });
      return result;
    }),
  );
}

async function formatted(comparison: Comparison, output: CompareOptions['output']): Promise<string> {
  if (output === 'json') return comparisonJson(comparison);
  if (output === 'table') return comparisonText(comparison);
  const {comparisonSvg} = await import('./svg.js');
  return comparisonSvg(comparison);
}
