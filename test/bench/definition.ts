/** A big definition, cold: whole processes that load it and answer, against `node -e ''` in the same run. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {stringify} from 'yaml';
import {type Timed, timeCommands} from './ratio.js';
import {kubernetesList, serviceList} from './scale.js';

export const BIG = {nodes: 1000, pods: 20_000, services: 2000};

export function benchDefinition(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const json = join(folder, 'dump.json');
    const yaml = join(folder, 'dump.yaml');
    const list = kubernetesList(BIG);
    writeFileSync(json, JSON.stringify(list, null, 2));
    writeFileSync(yaml, stringify(list, {aliasDuplicateObjects: false}));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['service list, 1,000 nodes (JSON)', wirelay('service', 'list', '--cluster', json)],
        ['ip route, 1,000 nodes (JSON)', wirelay('ip', 'route', '--cluster', json)],
        ['service list, 1,000 nodes (YAML)', wirelay('service', 'list', '--cluster', yaml)],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

export const RULES = {services: 10_000, endpoints: 10};

/** kube-proxy's rules of a cluster with many services: loaded, built and printed by one process. */
export function benchRules(runs: number): Timed[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-bench-'));
  try {
    const definition = join(folder, 'cluster.json');
    const services = join(folder, 'services.json');
    const spec = {profile: 'kube-proxy', podCIDR: '10.32.0.0/13', serviceCIDR: '10.96.0.0/12', nodes: 3};
    writeFileSync(
      definition,
      JSON.stringify({apiVersion: 'wirelay.dev/v1alpha1', kind: 'Cluster', metadata: {name: 'rules'}, spec}),
    );
    writeFileSync(services, JSON.stringify(serviceList(RULES)));
    const wirelay = (...words: string[]) => [process.execPath, 'bin/run.js', ...words];
    const cluster = ['--cluster', definition, '--cluster', services];
    const mode = (name: string) => [...cluster, '--set', `spec.kubeProxy.mode=${name}`];
    return timeCommands(
      [
        ["node -e ''", [process.execPath, '-e', '']],
        ['iptables-save, 320,000 rules', wirelay('iptables-save', ...cluster)],
        [
          'iptables -S KUBE-SERVICES, of 320,000 rules',
          wirelay('iptables', '-t', 'nat', '-S', 'KUBE-SERVICES', ...cluster),
        ],
        ['nft list ruleset, of 220,000 rules', wirelay('nft', 'list', 'ruleset', ...mode('nftables'))],
        ['ipvsadm -S -n, of 10,000 virtual servers', wirelay('ipvsadm', '-S', '-n', ...mode('ipvs'))],
      ],
      runs,
    );
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
