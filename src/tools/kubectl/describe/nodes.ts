/** Nodes and namespaces: describeNode and describeNamespace of k8s.io/kubectl, 1.32. */
import {at, type Json, type KubeObject, listAt, recordAt, textAt} from '../json.js';
import {rolesOf} from '../kinds/core.js';
import {since} from '../kinds/kind.js';
import {podObject} from '../kinds/pods.js';
import {parseQuantity} from '../quantity.js';
import type {View} from '../view.js';
import {annotationLines, annotationsOf, dateText, Lines, labelLines, labelsOf} from './lines.js';

export function describeNode(object: KubeObject, view: View): string {
  const lines = new Lines();
  const status = recordAt(object, 'status');
  lines.add(0, `Name:\t${object.metadata.name}\n`);
  lines.add(0, `Roles:\t${rolesOf(object)}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `CreationTimestamp:\t${dateText(textAt(object, 'metadata', 'creationTimestamp'))}\n`);
  taintLines(lines, listAt(object, 'spec', 'taints'));
  lines.add(0, `Unschedulable:\t${at(object, 'spec', 'unschedulable') === true}\n`);
  lines.add(0, 'Lease:\n');
  for (const title of ['HolderIdentity', 'AcquireTime', 'RenewTime']) lines.add(1, `${title}:\t<unset>\n`);
  const conditions = listAt(status, 'conditions');
  if (conditions.length > 0) {
    lines.add(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage\n');
    lines.add(1, '----\t------\t-----------------\t------------------\t------\t-------\n');
    for (const item of conditions) {
      const [type, state, reason, message] = ['type', 'status', 'reason', 'message'].map((key) => textAt(item, key));
      lines.add(
        1,
        `${type} \t${state} \t${dateText(textAt(item, 'lastHeartbeatTime'))} \t${dateText(textAt(item, 'lastTransitionTime'))} \t${reason} \t${message}\n`,
      );
    }
  }
  lines.add(0, 'Addresses:\n');
  for (const item of listAt(status, 'addresses'))
    lines.add(1, `${textAt(item, 'type')}:\t${textAt(item, 'address')}\n`);
  for (const [title, key] of [
    ['Capacity', 'capacity'],
    ['Allocatable', 'allocatable'],
  ] as const) {
    const amounts = Object.entries(recordAt(status, key)).sort(([a], [b]) => (a < b ? -1 : 1));
    if (amounts.length > 0) lines.add(0, `${title}:\n`);
    for (const [resource, amount] of amounts) lines.add(1, `${resource}:\t${String(amount)}\n`);
  }
  lines.add(0, 'System Info:\n');
  for (const [title, key] of systemInfo) lines.add(1, `${title}:\t${textAt(status, 'nodeInfo', key)}\n`);
  for (const [title, text] of [
    ['PodCIDR', textAt(object, 'spec', 'podCIDR')],
    ['PodCIDRs', listAt(object, 'spec', 'podCIDRs').map(String).join(',')],
    ['ProviderID', textAt(object, 'spec', 'providerID')],
  ] as const)
    if (text !== '') lines.add(0, `${title}:\t${text}\n`);
  resourceLines(lines, object, view);
  lines.add(0, 'Events:\t<none>\n');
  return String(lines);
}

const systemInfo = [
  ['Machine ID', 'machineID'],
  ['System UUID', 'systemUUID'],
  ['Boot ID', 'bootID'],
  ['Kernel Version', 'kernelVersion'],
  ['OS Image', 'osImage'],
  ['Operating System', 'operatingSystem'],
  ['Architecture', 'architecture'],
  ['Container Runtime Version', 'containerRuntimeVersion'],
  ['Kubelet Version', 'kubeletVersion'],
  ['Kube-Proxy Version', 'kubeProxyVersion'],
] as const;

function taintLines(lines: Lines, taints: readonly Json[]): void {
  if (taints.length === 0) return void lines.add(0, 'Taints:\t<none>\n');
  for (const [i, item] of taints.entries()) {
    const value = textAt(item, 'value');
    lines.add(
      0,
      `${i === 0 ? 'Taints:' : ''}\t${textAt(item, 'key')}${value === '' ? '' : `=${value}`}:${textAt(item, 'effect')}\n`,
    );
  }
}

const asked = ['cpu', 'memory', 'ephemeral-storage'] as const;
type Amounts = Record<(typeof asked)[number], number>;

/** Requests or limits of all containers of a pod. */
function amountsOf(pod: KubeObject, what: 'requests' | 'limits'): Amounts {
  const sum: Amounts = {cpu: 0, memory: 0, 'ephemeral-storage': 0};
  for (const container of listAt(pod, 'spec', 'containers')) {
    const limits = recordAt(container, 'resources', 'limits');
    const own = {...(what === 'requests' ? limits : {}), ...recordAt(container, 'resources', what)};
    for (const key of asked) sum[key] += parseQuantity(String(own[key] ?? '0')) ?? 0;
  }
  return sum;
}

function cpuText(amount: number): string {
  const milli = Math.round(amount * 1000);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
}

function bytesText(amount: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['Gi', 2 ** 30],
    ['Mi', 2 ** 20],
    ['Ki', 2 ** 10],
  ];
  const unit = units.find(([, size]) => amount > 0 && amount % size === 0);
  return unit ? `${amount / unit[1]}${unit[0]}` : String(amount);
}

function resourceLines(lines: Lines, node: KubeObject, view: View): void {
  const {cluster} = view;
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const pods = cluster.pods
    .filter(({node: own, phase}) => own === node.metadata.name && phase !== 'Succeeded' && phase !== 'Failed')
    .sort((a, b) => order(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`))
    .map((pod) => podObject(pod, view));
  const allocatable = Object.keys(recordAt(node, 'status', 'allocatable')).length > 0 ? 'allocatable' : 'capacity';
  const total = (key: string) => parseQuantity(textAt(node, 'status', allocatable, key)) ?? 0;
  const cell = (key: (typeof asked)[number], amount: number) => {
    const whole = total(key);
    const percent = whole === 0 ? 0 : Math.floor((amount / whole) * 100);
    return `${key === 'cpu' ? cpuText(amount) : bytesText(amount)} (${percent}%)`;
  };
  lines.add(0, `Non-terminated Pods:\t(${pods.length} in total)\n`);
  lines.add(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge\n');
  lines.add(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---\n');
  const sums = {
    requests: {cpu: 0, memory: 0, 'ephemeral-storage': 0},
    limits: {cpu: 0, memory: 0, 'ephemeral-storage': 0},
  };
  for (const pod of pods) {
    const [requests, limits] = [amountsOf(pod, 'requests'), amountsOf(pod, 'limits')];
    for (const key of asked) {
      sums.requests[key] += requests[key];
      sums.limits[key] += limits[key];
    }
    const cells = [
      cell('cpu', requests.cpu),
      cell('cpu', limits.cpu),
      cell('memory', requests.memory),
      cell('memory', limits.memory),
    ];
    lines.add(
      1,
      `${String(pod.metadata.namespace)}\t${pod.metadata.name}\t\t${cells.join('\t')}\t${since(textAt(pod, 'metadata', 'creationTimestamp'), view)}\n`,
    );
  }
  lines.add(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)\n');
  lines.add(1, 'Resource\tRequests\tLimits\n');
  lines.add(1, '--------\t--------\t------\n');
  for (const key of asked) lines.add(1, `${key}\t${cell(key, sums.requests[key])}\t${cell(key, sums.limits[key])}\n`);
}

export function describeNamespace(object: KubeObject): string {
  const lines = new Lines();
  lines.add(0, `Name:\t${object.metadata.name}\n`);
  labelLines(lines, 0, 'Labels', labelsOf(object));
  annotationLines(lines, annotationsOf(object));
  lines.add(0, `Status:\t${textAt(object, 'status', 'phase')}\n`);
  lines.add(0, '\nNo resource quota.\n\nNo LimitRange resource.\n');
  return String(lines);
}
