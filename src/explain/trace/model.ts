/**
 * A trace: one packet and what answered it, hop by hop, as data. Renderers (text, JSON, Mermaid) read this and nothing else.
 *
 *   Trace ─┬─ question, ends
 *          ├─ hops: request, then reply ── lookups, decisions, changes, netfilter rules, the frame
 *          ├─ verdict, cause, policy: what decided, with its place in the input
 *          └─ client address, assumptions, commands that would confirm it
 */
import type {TrafficSpec} from '../../cluster/model.js';
import type {CapturePoint, HookName} from '../../datapath/model.js';
import type {RuleHop} from '../../datapath/rule-model.js';
import type {SecurityDecision} from '../../datapath/step-model.js';
import type {SourcePosition} from '../../term/error.js';
import type {Ip} from '../../wire/addr.js';
import type {Packet} from './frame.js';

export type Leg = 'request' | 'reply';

export interface Lookup {
  /** Cilium's map, or the kernel's table: `cilium_ipcache_v2`, `route`. */
  readonly map: string;
  readonly key: string;
  /** undefined = no entry. */
  readonly value: string | undefined;
  /** Rule that a policy entry came from. */
  readonly origin?: string;
}

export type DecisionKind =
  | 'trace'
  | 'policy'
  | 'translate'
  | 'conntrack'
  | 'nat'
  | 'kernel'
  | 'tunnel'
  | 'security'
  | 'action'
  | 'drop'
  | 'deliver';

export interface Decision {
  readonly kind: DecisionKind;
  readonly text: string;
  /** It went against the packet. */
  readonly denies: boolean;
  /** It was against the packet, which went on nevertheless. */
  readonly audited?: boolean;
  /** drop: key of `dropReasons`. */
  readonly reason?: number;
  readonly rule?: SecurityDecision;
  /** tunnel: node that the frame is to be sent to. */
  readonly remote?: Ip;
}

export interface Change {
  /** `IPv4 destination`, `inner TCP source port`; of headers put on or taken off: `encapsulation`, `decapsulation`. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

export interface Hop {
  readonly leg: Leg;
  /** ns since the start. */
  readonly time: number;
  readonly place: 'stack' | 'device' | 'underlay';
  /** '' = outside of the cluster. */
  readonly node: string;
  /** `ns/name` of the pod whose namespace it is in. */
  readonly pod: string | undefined;
  /** Device; of a stack its name, of the underlay where it leads to. */
  readonly device: string;
  readonly direction: 'in' | 'out' | undefined;
  readonly hook: HookName | undefined;
  readonly lookups: readonly Lookup[];
  readonly decisions: readonly Decision[];
  readonly changes: readonly Change[];
  /** kube-proxy's rules that matched, in order. */
  readonly rules: readonly RuleHop[];
  readonly point: CapturePoint | undefined;
  /** What a capture here would show. */
  readonly frame: Uint8Array | undefined;
  readonly packet: number;
  /** Fragments are several. */
  readonly frames: number;
  readonly end: 'delivered' | 'dropped' | undefined;
}

export const verdicts = ['answered', 'delivered', 'refused', 'denied', 'dropped', 'unanswered'] as const;
/**
 * answered: the reply came back · delivered: it arrived, nothing was to come back · refused: it arrived, nobody takes it there ·
 * denied: by a policy or a security rule · dropped: for another reason · unanswered: it arrived, the reply was lost
 */
export type Verdict = (typeof verdicts)[number];

export interface Decider {
  readonly direction: 'egress' | 'ingress';
  /** `default/pod-a`: whose policies these are; undefined = an end without any. */
  readonly of: string;
  readonly allowed: boolean;
  /** `NetworkPolicy default/api`; undefined = no rule decided. */
  readonly policy: string | undefined;
  /** undefined = by default. */
  readonly rule: string | undefined;
  readonly where: SourcePosition | undefined;
  /** Why no rule had to: `no policy selects default/pod-a`. */
  readonly otherwise: string | undefined;
}

export interface Cause {
  readonly text: string;
  /** Drop reason with its name and what usually causes it. */
  readonly reason?: {readonly code: number; readonly name: string; readonly hint: string};
  readonly where?: SourcePosition;
  /** Index into `hops`. */
  readonly hop?: number;
}

export interface Confirmation {
  /** Node to run it on; undefined = anywhere. */
  readonly node: string | undefined;
  readonly command: string;
  readonly shows: string;
}

export interface Trace {
  readonly spec: TrafficSpec;
  readonly from: string;
  readonly to: string;
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
  readonly cause: Cause | undefined;
  /** With `--permit-all`: policy would have denied it. */
  readonly permitted: boolean;
  /** The request as it left and as it was last seen, behind all tunnels; undefined: there was none. */
  readonly packets: {readonly sent: Packet | undefined; readonly arrived: Packet | undefined};
  readonly policy: readonly Decider[];
  /** One line on the source address that the server sees; undefined where nothing arrived. */
  readonly client: string | undefined;
  readonly assumptions: readonly string[];
  readonly confirm: readonly Confirmation[];
}
