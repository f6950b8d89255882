/** What a dump knows of the cluster beside its nodes and pods: versions, ranges, options. The definition's own word wins. */
import {parseIp, parsePrefix, prefixContains} from '../wire/addr.js';
import {listOf} from './cilium-config.js';
import type {Gathered} from './kubernetes.js';
import type {ClusterSpec} from './spec.js';

export async function withFacts(spec: ClusterSpec, out: Gathered): Promise<ClusterSpec> {
  const {ciliumVersion, podCIDR, serviceCIDR} = podFacts(out);
  const stated = await withConfigMaps(spec, out);
  return {
    ...(ciliumVersion === undefined ? {} : {ciliumVersion}),
    ...(podCIDR === undefined || stated.podCIDRs !== undefined ? {} : {podCIDR}),
    ...(serviceCIDR === undefined || stated.serviceCIDRs !== undefined ? {} : {serviceCIDR}),
    ...stated,
  };
}

/** The agents' image, and the flags of the control plane's static pods (kubeadm). */
function podFacts({pods, services}: Gathered): Pick<ClusterSpec, 'ciliumVersion' | 'podCIDR' | 'serviceCIDR'> {
  const system = pods.filter(({live, namespace}) => live && namespace === 'kube-system');
  const agents = system
    .filter(({labels}) => labels?.['k8s-app'] === 'cilium')
    .flatMap(({containers}) => containers ?? []);
  const version = agents
    .map(({image}) => /cilium:v?(\d+\.\d+\.\d+[\w.-]*)/.exec(image ?? '')?.[1])
    .find((text) => text !== undefined);
  const flag = (name: string) =>
    system
      .flatMap(({flags}) => flags ?? [])
      .find((text) => text.startsWith(`--${name}=`))
      ?.slice(name.length + 3);
  const [podCIDR, serviceCIDR] = [flag('cluster-cidr'), flag('service-cluster-ip-range')];
  const ranges = listOf(serviceCIDR).flatMap((text) => parsePrefix(text) ?? []);
  // ServiceCIDR objects widen the range: then the flag is not all of it
  const whole = services
    .flatMap(({clusterIPs}) => listOf(clusterIPs).flatMap((text) => parseIp(text) ?? []))
    .every((ip) => ranges.some((prefix) => prefixContains(prefix, ip)));
  return {
    ...(version === undefined ? {} : {ciliumVersion: version}),
    ...(podCIDR === undefined ? {} : {podCIDR}),
    ...(serviceCIDR !== undefined && ranges.length > 0 && whole ? {serviceCIDR} : {}),
  };
}

/** What other ConfigMaps of a cluster know: kubeadm's ranges, ip-masq-agent's list. The definition's own word wins. */
async function withConfigMaps(spec: ClusterSpec, {configMaps}: Gathered): Promise<ClusterSpec> {
  let out = spec;
  for (const {object} of configMaps) {
    const data = Object.values(object.data ?? {}).join('\n');
    if (object.metadata.name === 'kubeadm-config') {
      const value = (key: string) => new RegExp(`^\\s*${key}:\\s*"?([^"\\s#]+)`, 'm').exec(data)?.[1];
      const [pods, services, version] = [value('podSubnet'), value('serviceSubnet'), value('kubernetesVersion')];
      out = {
        ...(pods && spec.podCIDRs === undefined ? {podCIDR: pods} : {}),
        ...(services && spec.serviceCIDRs === undefined ? {serviceCIDR: services} : {}),
        ...(version ? {kubernetesVersion: version} : {}),
        ...out,
      };
    } else if (/ip-masq-agent/.test(object.metadata.name ?? '') && out.ipMasqAgent === undefined) {
      const {parseDocument} = await import('./yaml.js');
      const parsed: unknown = parseDocument(data, {logLevel: 'silent'}).toJS({maxAliasCount: 0});
      const entries = Object.entries((parsed ?? {}) as Record<string, unknown>);
      const field = (name: string) => entries.find(([key]) => key.toLowerCase() === name)?.[1];
      const cidrs = field('nonmasqueradecidrs');
      if (Array.isArray(cidrs))
        out = {
          ...out,
          ipMasqAgent: {
            nonMasqueradeCIDRs: cidrs.map(String),
            masqLinkLocal: field('masqlinklocal') === true,
            masqLinkLocalIPv6: field('masqlinklocalipv6') === true,
          },
        };
    }
  }
  return out;
}
