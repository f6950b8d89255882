/** Services, endpoints, slices and network policies: pkg/describe/describe.go of k8s.io/kubectl, 1.32. */
import {at, isRecord, type Json, type KubeObject, listAt, numberAt, recordAt, stringsAt, textAt} from '../json.js';
import {formatSelector} from '../kinds/kind.js';
import {endpointSlices} from '../kinds/network.js';
import type {View} from '../view.js';
import {annotationLines, annotationsOf, headLines, Lines, labelLines, labelsOf} from './lines.js';

export function describeService(object: KubeObject, view: View): string {
  const lines = new Lines();
  const spec = recordAt(object, 'spec');
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `Selector:\t${formatSelector({matchLabels: stringsAt(spec, 'selector')})}\n`);
  lines.add(0, `Type:\t${textAt(spec, 'type')}\n`);
  if (textAt(spec, 'ipFamilyPolicy') !== '') lines.add(0, `IP Family Policy:\t${textAt(spec, 'ipFamilyPolicy')}\n`);
  lines.add(0, `IP Families:\t${listAt(spec, 'ipFamilies').map(String).join(',') || '<none>'}\n`);
  lines.add(0, `IP:\t${textAt(spec, 'clusterIP')}\n`);
  lines.add(0, `IPs:\t${listAt(spec, 'clusterIPs').map(String).join(',') || '<none>'}\n`);
  const external = listAt(spec, 'externalIPs').map(String).join(',');
  if (external !== '') lines.add(0, `External IPs:\t${external}\n`);
  if (textAt(spec, 'loadBalancerIP') !== '')
    lines.add(0, `Desired LoadBalancer IP:\t${textAt(spec, 'loadBalancerIP')}\n`);
  if (textAt(spec, 'externalName') !== '') lines.add(0, `External Name:\t${textAt(spec, 'externalName')}\n`);
  const ingress = listAt(object, 'status', 'loadBalancer', 'ingress').map((item) => {
    const mode = textAt(item, 'ipMode');
    return `${textAt(item, 'ip') || textAt(item, 'hostname')}${mode === '' ? '' : ` (${mode})`}`;
  });
  if (ingress.length > 0) lines.add(0, `LoadBalancer Ingress:\t${ingress.join(', ')}\n`);
  const slices = serviceSlices(object, view);
  for (const port of listAt(spec, 'ports')) servicePort(lines, port, slices);
  lines.add(0, `Session Affinity:\t${textAt(spec, 'sessionAffinity')}\n`);
  if (textAt(spec, 'externalTrafficPolicy') !== '')
    lines.add(0, `External Traffic Policy:\t${textAt(spec, 'externalTrafficPolicy')}\n`);
  if (textAt(spec, 'internalTrafficPolicy') !== '')
    lines.add(0, `Internal Traffic Policy:\t${textAt(spec, 'internalTrafficPolicy')}\n`);
  if (textAt(spec, 'trafficDistribution') !== '')
    lines.add(0, `Traffic Distribution:\t${textAt(spec, 'trafficDistribution')}\n`);
  if (numberAt(spec, 'healthCheckNodePort') > 0)
    lines.add(0, `HealthCheck NodePort:\t${numberAt(spec, 'healthCheckNodePort')}\n`);
  const ranges = listAt(spec, 'loadBalancerSourceRanges').map(String).join(',');
  if (ranges !== '') lines.add(0, `LoadBalancer Source Ranges:\t${ranges}\n`);
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

/** Those that a service has, by name. */
export function serviceSlices({metadata}: KubeObject, view: View): KubeObject[] {
  return endpointSlices
    .list(view, String(metadata.namespace))
    .filter(({labels}) => labels['kubernetes.io/service-name'] === metadata.name)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => entry.object());
}

function servicePort(lines: Lines, port: Json, slices: readonly KubeObject[]): void {
  const name = textAt(port, 'name');
  const title = name || '<unset>';
  const protocol = textAt(port, 'protocol');
  lines.add(0, `Port:\t${title}\t${textAt(port, 'port')}/${protocol}\n`);
  lines.add(0, `TargetPort:\t${textAt(port, 'targetPort')}/${protocol}\n`);
  if (numberAt(port, 'nodePort') > 0) lines.add(0, `NodePort:\t${title}\t${numberAt(port, 'nodePort')}/${protocol}\n`);
  lines.add(0, `Endpoints:\t${sliceText(slices, name)}\n`);
}

/** formatEndpointSlices: ready ones, three at most. */
export function sliceText(slices: readonly KubeObject[], portName: string): string {
  const all = slices.flatMap((slice) =>
    listAt(slice, 'ports')
      .filter((port) => textAt(port, 'name') === portName)
      .flatMap((port) =>
        listAt(slice, 'endpoints')
          .filter((item) => at(item, 'conditions', 'ready') !== false)
          .flatMap((item) => listAt(item, 'addresses').map(String))
          .map((ip) => `${ip.includes(':') ? `[${ip}]` : ip}:${textAt(port, 'port')}`),
      ),
  );
  const text = all.slice(0, 3).join(',');
  return all.length > 3 ? `${text} + ${all.length - 3} more...` : text;
}

export function describeEndpoints(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, 'Subsets:\n');
  for (const subset of listAt(object, 'subsets')) {
    const addresses = (key: string) =>
      listAt(subset, key)
        .map((item) => textAt(item, 'ip'))
        .join(',') || '<none>';
    lines.add(1, `Addresses:\t${addresses('addresses')}\n`);
    lines.add(1, `NotReadyAddresses:\t${addresses('notReadyAddresses')}\n`);
    const ports = listAt(subset, 'ports');
    if (ports.length > 0) {
      lines.add(1, 'Ports:\n');
      lines.add(2, 'Name\tPort\tProtocol\n');
      lines.add(2, '----\t----\t--------\n');
      for (const port of ports)
        lines.add(2, `${textAt(port, 'name') || '<unset>'}\t${textAt(port, 'port')}\t${textAt(port, 'protocol')}\n`);
    }
    lines.add(0, '\n');
  }
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeEndpointSlice(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `AddressType:\t${textAt(object, 'addressType')}\n`);
  const ports = listAt(object, 'ports');
  if (ports.length === 0) lines.add(0, 'Ports: <unset>\n');
  else {
    lines.add(0, 'Ports:\n');
    lines.add(1, 'Name\tPort\tProtocol\n');
    lines.add(1, '----\t----\t--------\n');
    for (const port of ports)
      lines.add(
        1,
        `${textAt(port, 'name') || '<unset>'}\t${textAt(port, 'port') || '<unset>'}\t${textAt(port, 'protocol')}\n`,
      );
  }
  const endpoints = listAt(object, 'endpoints');
  lines.add(0, endpoints.length === 0 ? 'Endpoints: <none>\n' : 'Endpoints:\n');
  for (const item of endpoints) {
    lines.add(1, `- Addresses:\t${listAt(item, 'addresses').map(String).join(', ')}\n`);
    lines.add(2, 'Conditions:\n');
    lines.add(
      3,
      `Ready:\t${at(item, 'conditions', 'ready') === undefined ? '<unset>' : String(at(item, 'conditions', 'ready'))}\n`,
    );
    lines.add(2, `Hostname:\t${textAt(item, 'hostname') || '<unset>'}\n`);
    if (at(item, 'targetRef') !== undefined)
      lines.add(2, `TargetRef:\t${textAt(item, 'targetRef', 'kind')}/${textAt(item, 'targetRef', 'name')}\n`);
    lines.add(2, `NodeName:\t${textAt(item, 'nodeName') || '<unset>'}\n`);
    lines.add(2, `Zone:\t${textAt(item, 'zone') || '<unset>'}\n`);
  }
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

export function describeNetworkPolicy(object: KubeObject): string {
  const lines = new Lines();
  headLines(lines, object);
  const created = textAt(object, 'metadata', 'creationTimestamp');
  lines.add(0, `Created on:\t${created.replace('T', ' ').replace('Z', ' +0000 UTC')}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, 'Spec:\n');
  const selector = formatSelector(at(object, 'spec', 'podSelector'));
  lines.add(
    1,
    `PodSelector:     ${selector}${selector === '<none>' ? ' (Allowing the specific traffic to all pods in this namespace)' : ''}\n`,
  );
  const types = listAt(object, 'spec', 'policyTypes').map(String);
  for (const type of ['Ingress', 'Egress'] as const) {
    const word = type.toLowerCase();
    if (!types.includes(type)) lines.add(1, `Not affecting ${word} traffic\n`);
    else {
      lines.add(1, `Allowing ${word} traffic:\n`);
      ruleLines(lines, listAt(object, 'spec', word), type);
    }
  }
  lines.add(1, `Policy Types: ${types.join(', ')}\n`);
  return String(lines);
}

function ruleLines(lines: Lines, rules: readonly Json[], type: 'Ingress' | 'Egress'): void {
  const [key, word, end] =
    type === 'Ingress' ? (['from', 'From', 'source'] as const) : (['to', 'To', 'destination'] as const);
  if (rules.length === 0) lines.add(2, `<none> (Selected pods are isolated for ${type.toLowerCase()} connectivity)\n`);
  for (const [i, rule] of rules.entries()) {
    const ports = listAt(rule, 'ports');
    if (ports.length === 0) lines.add(2, 'To Port: <any> (traffic allowed to all ports)\n');
    for (const port of ports) {
      const protocol = textAt(port, 'protocol') || 'TCP';
      const last = at(port, 'endPort');
      if (last !== undefined) lines.add(2, `To Port Range: ${textAt(port, 'port')}-${String(last)}/${protocol}\n`);
      else lines.add(2, `To Port: ${textAt(port, 'port') || '<nil>'}/${protocol}\n`);
    }
    const peers = listAt(rule, key);
    if (peers.length === 0) lines.add(2, `${word}: <any> (traffic not restricted by ${end})\n`);
    for (const peer of peers) {
      lines.add(2, `${word}:\n`);
      peerLines(lines, peer);
    }
    if (i < rules.length - 1) lines.add(2, '----------\n');
  }
}

function peerLines(lines: Lines, peer: Json): void {
  const block = at(peer, 'ipBlock');
  if (isRecord(block)) {
    lines.add(3, 'IPBlock:\n');
    lines.add(4, `CIDR: ${textAt(block, 'cidr')}\n`);
    lines.add(4, `Except: ${listAt(block, 'except').map(String).join(', ')}\n`);
    return;
  }
  for (const [key, title] of [
    ['namespaceSelector', 'NamespaceSelector'],
    ['podSelector', 'PodSelector'],
  ] as const) {
    const selector = at(peer, key);
    if (selector !== undefined) lines.add(3, `${title}: ${formatSelector(selector)}\n`);
  }
}
