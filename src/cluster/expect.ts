/**
 * Expectations: what must come of which traffic, in `spec.expect` of a definition, and test cases that name their definition
 * (`kind: Case`). Types and fields side by side; what they mean together is checked where they are tested.
 */
import type {SourcePosition} from '../term/error.js';
import {either, type Field, list, map, object, oneOf, type Path, type Shape, text, textOf, whole} from './shape.js';
import type {OneOrMore} from './spec.js';

/**
 * What a verdict of the definition says of the packet's: `allow` = `reachable`, it arrived and what answers came back ·
 * `unreachable` = anything else · `deny`: by a policy or a security rule · `drop`: lost for another reason, there or on its way
 * back. The rest are the words of a trace.
 */
export const expectedVerdicts = {
  allow: ['answered', 'delivered'],
  deny: ['denied'],
  drop: ['dropped', 'unanswered'],
  reachable: ['answered', 'delivered'],
  unreachable: ['refused', 'denied', 'dropped', 'unanswered'],
  answered: ['answered'],
  delivered: ['delivered'],
  refused: ['refused'],
  denied: ['denied'],
  dropped: ['dropped'],
  unanswered: ['unanswered'],
} as const;
export type ExpectedVerdict = keyof typeof expectedVerdicts;

export const encapsulations = ['geneve', 'vxlan', 'ipip', 'none'] as const;
export type Encapsulation = (typeof encapsulations)[number];

export interface FramesSpec {
  /** pcap-filter expression; absent: all frames. */
  readonly filter?: string;
  /** `node1:eth0`, `pod-a:eth0`. */
  readonly at: string;
  readonly direction?: 'in' | 'out';
  readonly count?: number;
  readonly min?: number;
  readonly max?: number;
}

export interface OutputSpec {
  readonly contains?: OneOrMore;
  readonly lacks?: OneOrMore;
  readonly equals?: string;
  readonly matches?: OneOrMore;
}

export interface ExpectSpec extends OutputSpec {
  readonly name?: string;
  readonly flow?: string;
  readonly verdict?: ExpectedVerdict;
  readonly by?: string;
  readonly reason?: string | number;
  readonly at?: string;
  readonly dnat?: OneOrMore;
  readonly source?: OneOrMore;
  readonly encapsulation?: Encapsulation;
  readonly vni?: number;
  readonly mtu?: number;
  readonly payload?: number;
  readonly ttl?: number;
  readonly backends?: readonly string[] | Readonly<Record<string, number | string>>;
  readonly tolerance?: number;
  readonly frames?: FramesSpec | readonly FramesSpec[];
  readonly command?: string;
  readonly node?: string;
  readonly pod?: string;
  readonly exit?: number;
  readonly stderr?: OutputSpec;
}

export interface Expectation {
  readonly spec: ExpectSpec;
  /** Place of a field of it, or of it all; undefined: not from a file. */
  readonly place: (path: Path, part?: 'key' | 'value') => SourcePosition | undefined;
}

export interface CaseSpec {
  readonly cluster?: OneOrMore;
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly traffic?: readonly string[];
  readonly events?: readonly string[];
  readonly expect: readonly ExpectSpec[];
}

const f = (shape: Shape, about: string): Field => ({shape, text: about});
const required = (shape: Shape, about: string): Field => ({shape, text: about, required: true});
const texts = either('a text, or a list of them', text, list(text));
const many = whole(0, Number.MAX_SAFE_INTEGER);
const percent: Shape = {kind: 'number', min: 0, max: 100, fraction: true};

const frames = object({
  filter: f(text, 'pcap-filter expression, as tcpdump takes it; default: all frames'),
  at: required(text, 'Where to count: NODE:DEVICE or [NS/]POD:DEVICE'),
  direction: f(oneOf('in', 'out'), 'Only frames that come in, or go out; default both'),
  count: f(many, 'How many there must be'),
  min: f(many, 'At least so many'),
  max: f(many, 'At most so many'),
});

const output = {
  contains: f(texts, 'Text, or each text, that the output of the command must contain'),
  lacks: f(texts, 'Text, or each text, that it must not contain'),
  equals: f(text, 'All of the output; a line feed at its end does not count'),
  matches: f(texts, 'Regular expression, or each of them, that must match in it (JavaScript, ^ and $ at each line)'),
};

const expectation = object({
  name: f(text, 'Name in reports; default: the flow or the command'),
  flow: f(text, 'A new connection to trace: FROM -> TO[:PORT][/PROTO] [xN] [size=B]'),
  verdict: f(
    oneOf(...Object.keys(expectedVerdicts)),
    'What must come of it: allow = reachable, deny, drop, unreachable, or the exact word of a trace',
  ),
  by: f(text, 'Policy or security rule that decides: a name, NS/NAME, or KIND NS/NAME'),
  reason: f(either('a drop reason by number, name or text', whole(0, 255), text), 'Why it is dropped'),
  at: f(text, 'Where it ends: words among node, pod, device and program'),
  dnat: f(texts, 'ADDRESS|POD|NODE[:PORT] that it is translated to, one of them; none: it is not'),
  source: f(texts, 'Source address that the receiver sees, one of them: ADDRESS, POD, NODE; kept: its own'),
  encapsulation: f(oneOf(...encapsulations), 'How it goes from node to node'),
  vni: f(whole(0, 0xff_ffff), 'VNI of the tunnel packet: in Cilium the security identity of the source'),
  mtu: f(whole(68, 65_535), 'Largest IP packet that gets there in one piece, bytes'),
  payload: f(whole(0, 65_535), 'Largest payload (of ICMP, UDP or a TCP segment) that gets there in one piece, bytes'),
  ttl: f(whole(0, 255), 'TTL or hop limit on arrival'),
  backends: f(
    either(
      'a list of pods, or a mapping of pods to percentages',
      list(text),
      map(either('a percentage', percent, {kind: 'text', pattern: '^\\d{1,3}(\\.\\d+)?%$'})),
    ),
    'Who takes the connections of a flow xN: exactly these, or each with its share in percent',
  ),
  tolerance: f(percent, 'Percentage points by which a share may differ; default 5'),
  frames: f(
    either('a mapping with at and count, or a list of them', frames, list(frames)),
    "Frames of the flow, or without one of the definition's traffic, by filter and place",
  ),
  command: f(text, 'A command line of a look-alike: cilium service list, kubectl get pods -A, ip -d link'),
  node: f(textOf('name'), 'Node that the command runs on'),
  pod: f(text, '[NS/]POD that the command runs in'),
  exit: f(whole(0, 255), 'Exit code of the command; default 0'),
  ...output,
  stderr: f(object(output), 'The same of what the command writes to standard error'),
});

export const expectShape = list(expectation);

export const caseShape = (version: string): Shape =>
  object({
    apiVersion: required(oneOf(version), `Always ${version}`),
    kind: required(oneOf('Case'), 'Always Case'),
    metadata: f(object({name: f(text, 'Name in reports; default: the file')}), 'Metadata'),
    spec: required(
      object({
        cluster: f(texts, 'Definition, relative to this file, or demo; default: the other documents of this file'),
        set: f(list(text), 'Fields of the definition to override: PATH=VALUE'),
        seed: f(whole(0, 0xffff_ffff), 'Seed of every random choice'),
        traffic: f(list(text), "Traffic instead of the definition's"),
        events: f(list(text), "Events instead of the definition's"),
        expect: required(expectShape, 'What must come of it'),
      }),
      'The case',
    ),
  });
