/** What explanations hear of a run beside its events. */
import type {PolicyEntry} from '../control/model.js';
import type {SourcePosition} from '../term/error.js';
import type {HookAction, HookName, VirtualTime} from './model.js';
import type {RuleTally} from './rule-model.js';

/** Finer than events: told to observers that have `step`, one packet at a time, in order. Views of bytes are only valid during the call. */
export type Step = ProgramStep | LookupStep | RuleStep | UnderlayStep | DeliverStep;

/** A program starts, or has returned `action`. */
export interface ProgramStep {
  readonly kind: 'enter' | 'leave';
  readonly time: VirtualTime;
  readonly node: string;
  readonly packet: number;
  readonly hook: HookName;
  readonly device: string;
  readonly ifindex: number;
  readonly action: HookAction | undefined;
  readonly frame: Uint8Array;
}

/** What the program that runs has asked a map, by Cilium's name of it; value undefined = no entry. */
export interface LookupStep {
  readonly kind: 'lookup';
  readonly node: string;
  readonly map: string;
  readonly key: string;
  readonly value: string | undefined;
  /** cilium_policy_v2: the entry that decided, and the endpoint whose map it is in. */
  readonly entry?: PolicyEntry;
  readonly endpoint?: number;
}

/** A packet has been through netfilter rules, or IPVS: what that took. */
export interface RuleStep extends RuleTally {
  readonly kind: 'rules';
  readonly node: string;
  readonly packet: number;
}

/** A frame crosses the network between nodes. */
export interface UnderlayStep {
  readonly kind: 'underlay';
  readonly time: VirtualTime;
  readonly packet: number;
  /** Node that it left; '' = the world. */
  readonly from: string;
  /** Node that it goes to; '' = the world. */
  readonly to: string;
  readonly via: 'switch' | 'gateway';
  /** Security rules asked, in order. */
  readonly rules: readonly SecurityDecision[];
  readonly frame: Uint8Array;
}

/** A security group's word on a packet. */
export interface SecurityDecision {
  readonly rule: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  /** Whose network card. */
  readonly node: string;
  readonly where?: SourcePosition;
}

/** A packet has reached the stack that it was for. */
export interface DeliverStep {
  readonly kind: 'deliver';
  readonly time: VirtualTime;
  /** '' outside of the cluster. */
  readonly node: string;
  readonly packet: number;
  /** `node1`, `default/pod-a`, `203.0.113.9`. */
  readonly namespace: string;
  readonly device: string;
}
