/** The budget of a large packet, path by path. */
import type {SourcePosition} from '../../term/error.js';
import {isIp4} from '../../wire/addr.js';
import type {Found, Rule, Subject} from './model.js';
import {type Budget, budgets, firstForwardedTrouble, firstTrouble, type Trouble} from './path-mtu.js';

const mtu = 'pkg/mtu/mtu.go of Cilium 1.20: device MTU less 50 (tunnel over IPv4), 70 (IPv6), WireGuard, IPsec';

/** Geneve option of DSR: class, type and length, address and port (bpf/lib/nodeport.h, struct geneve_dsr_opt4 and opt6). */
const DSR = {4: 12, 6: 24} as const;
const IPV6_LEAST = 1280;

const fates: Readonly<Record<Trouble['fate'], string>> = {
  fragments: 'arrives in fragments',
  refused: 'is refused by the network with ICMP, and arrives only where that is let through and heeded',
  lost: 'is lost without a word',
};

type Cause = 'option' | 'nodes' | 'path';

function causeOf({base, from, to, path}: Budget): Cause {
  if (base > from.mtu) return 'option';
  return to.mtu < from.mtu && path === to.mtu ? 'nodes' : 'path';
}

const known = new WeakMap<Subject, readonly Trouble[]>();

/** Paths on which the largest packets of a pod do not arrive whole, one of each cause. */
function troubles(subject: Subject): readonly Trouble[] {
  let list = known.get(subject);
  if (list) return list;
  const {cluster} = subject;
  const seen = new Set<Cause>();
  list = budgets(cluster).flatMap((budget) => {
    const cause = causeOf(budget);
    // packets as large as the path are in no danger: what they need beside is kept free
    if (seen.has(cause) || budget.base <= budget.path) return [];
    const trouble = firstTrouble(cluster, budget);
    if (trouble) seen.add(cause);
    return trouble ?? [];
  });
  known.set(subject, list);
  return list;
}

function* of(subject: Subject, cause: Cause, where: SourcePosition | undefined): Iterable<Found> {
  for (const {budget, payload, length, fate} of troubles(subject)) {
    if (causeOf(budget) !== cause) continue;
    const {from, to, sum, pod, path} = budget;
    const tcp = length - (isIp4(from.podCidrs[0]?.ip ?? 0) ? 40 : 60);
    yield {
      severity: fate === 'lost' ? 'error' : 'warning',
      message:
        `${from.name} to ${to.name}: pods send up to ${pod} bytes (${sum}), the path carries ${path}: ` +
        `an IP packet of ${length} bytes (ping payload ${payload}, TCP payload ${tcp}) is the first that ${fates[fate]}`,
      where: where ?? (cause === 'nodes' ? to.where : undefined),
    };
  }
}

const place = ({definition}: Subject, ...path: string[]) => definition.locate(['spec', ...path]);

/** Requests that come in at full size grow by the option on their way to the node of the backend. */
function* dsrOption({cluster, definition}: Subject): Iterable<Found> {
  const {kubeProxyReplacement, lbMode, dsrDispatch} = cluster.cilium;
  if (cluster.dataplane !== 'cilium' || !kubeProxyReplacement || lbMode === 'snat' || dsrDispatch !== 'geneve') return;
  const [budget] = budgets(cluster);
  const trouble = budget && firstForwardedTrouble(cluster, budget);
  if (!budget || !trouble) return;
  const {length, payload, fate} = trouble;
  const family = isIp4(budget.from.podCidrs[0]?.ip ?? 0) ? 4 : 6;
  const outer = isIp4(budget.from.ips[0] ?? 0) ? 50 : 70;
  yield {
    message:
      `requests to node ports that another node answers grow by Geneve ${outer} and the DSR option ${DSR[family]}, the path carries ${budget.path}: ` +
      `an IP packet of ${length} bytes (UDP payload ${payload}, TCP payload ${length - (family === 4 ? 40 : 60)}) is the first that ${fates[fate]}, and pods announce ${budget.pod}`,
    where: definition.locate(['spec', 'cilium', 'bpf-lb-mode']) ?? definition.ciliumConfig?.where,
  };
}

function* tooSmallForIpv6(subject: Subject): Iterable<Found> {
  const {cluster} = subject;
  if (!cluster.cilium.enableIpv6 || !cluster.podCidrs.some(({ip}) => !isIp4(ip))) return;
  const budget = budgets(cluster).find(({pod}) => pod < IPV6_LEAST);
  if (budget)
    yield {
      message: `${budget.from.name}: pods have an MTU of ${budget.pod} (${budget.sum}), IPv6 needs ${IPV6_LEAST}`,
      where: budget.from.where,
    };
}

export const mtuRules: readonly Rule[] = [
  {
    id: 'WL-MTU-001',
    severity: 'warning',
    title: 'the path between nodes carries less than they send',
    why: 'Pods take their MTU from the network card: what the path cannot carry is fragmented or dropped, large responses first.',
    fix: 'Set the option mtu to what the path carries, or raise the MTU of the path.',
    source: `${mtu}; learn.microsoft.com/azure/virtual-network/virtual-network-tcpip-performance-tuning: fragments that arrive out of order are dropped in Azure`,
    check: (subject) => of(subject, 'path', place(subject, 'underlay', 'mtu')),
  },
  {
    id: 'WL-MTU-002',
    severity: 'warning',
    title: 'nodes with different MTUs',
    why: 'The node with the larger MTU sends packets that the other cannot take.',
    fix: 'Give all nodes one MTU, or set the option mtu to the smallest.',
    source: mtu,
    check: (subject) => of(subject, 'nodes', undefined),
  },
  {
    id: 'WL-MTU-003',
    severity: 'warning',
    title: 'the option mtu is larger than the network card has',
    why: 'Cilium believes the option: pods send packets that no device of the node can carry.',
    fix: 'Leave mtu out, or take at most the MTU of the card.',
    source: `${mtu}; the option replaces what is detected`,
    check: (subject) =>
      of(subject, 'option', place(subject, 'cilium', 'mtu') ?? subject.definition.ciliumConfig?.where),
  },
  {
    id: 'WL-MTU-004',
    severity: 'warning',
    title: 'the DSR option is not in the budget',
    why: 'Cilium keeps nothing free for the Geneve option of DSR: requests of full size are fragmented or dropped on their way to the backend.',
    fix: 'Set the option mtu 12 bytes lower than the path (24 for IPv6), or raise the MTU of the path.',
    source:
      'pkg/mtu/mtu.go of Cilium 1.20: DsrTunnelOverhead is kept free for the high-scale ipcache only; docs.cilium.io kubeproxy-free: DSR needs a larger MTU of the underlay',
    check: dsrOption,
  },
  {
    id: 'WL-MTU-005',
    severity: 'error',
    title: 'too small for IPv6',
    why: 'Links of IPv6 carry 1,280 bytes; with less the kernel turns IPv6 off.',
    fix: 'Raise the MTU, or leave encapsulation or encryption out.',
    source: 'RFC 8200 §5: every link has an MTU of 1280 octets or greater',
    check: tooSmallForIpv6,
  },
];
