/** Flows: upstream's expected texts, filters that partition, and records that replay as what they were. */
import {describe, expect, it} from 'vitest';
import {runReplay} from '../../../src/explain/replay/main.js';
import {createSession} from '../../../src/session/session.js';
import {FilterError, filterNames, flowFilter} from '../../../src/tools/hubble/filter.js';
import {hubbleMain} from '../../../src/tools/hubble/main.js';
import type {Flow} from '../../../src/tools/hubble/model.js';
import {createFlowPrinter, type FlowPrintOptions, formatTime} from '../../../src/tools/hubble/print.js';
import {folderWith} from '../../cluster/load-input.js';
import {memoryIo, runMain} from '../../memory-io.js';

/** The flow of cilium hubble/pkg/printer/printer_test.go, and what that file expects of it. */
const flow: Flow = {
  time: '1970-01-01T00:20:34.567800Z',
  verdict: 'DROPPED',
  IP: {source: '1.1.1.1', destination: '2.2.2.2'},
  l4: {TCP: {source_port: 31793, destination_port: 8080}},
  source: {identity: 4},
  destination: {identity: 12345},
  Type: 'L3_L4',
  node_name: 'k8s1',
  event_type: {type: 1, sub_type: 133},
  is_reply: false,
  Summary: 'TCP Flags: SYN',
};
const {is_reply: _, ...unknown} = flow;
const policies = [
  {name: 'my-policy', namespace: 'my-policy-namespace', kind: 'CiliumNetworkPolicy'},
  {name: 'my-policy-2', kind: 'CiliumClusterwideNetworkPolicy'},
];
const denied: Flow = {
  ...unknown,
  event_type: {type: 5},
  traffic_direction: 'EGRESS',
  egress_denied_by: policies.slice(0, 1),
};
const allowed: Flow = {
  ...unknown,
  event_type: {type: 5},
  verdict: 'FORWARDED',
  traffic_direction: 'INGRESS',
  ingress_allowed_by: policies,
  policy_match_type: 1,
};

const base: FlowPrintOptions = {
  format: 'compact',
  timeFormat: 'StampMilli',
  nodeName: false,
  policyNames: false,
  names: true,
};

function printed(one: Flow, options: Partial<FlowPrintOptions>): string {
  const printer = createFlowPrinter({...base, ...options});
  return printer.print(one) + printer.close();
}

describe('hubble observe, printing', () => {
  it.each([
    [
      'tab',
      flow,
      {format: 'tab'},
      'TIMESTAMP             SOURCE          DESTINATION    TYPE            VERDICT   SUMMARY\nJan  1 00:20:34.567   1.1.1.1:31793   2.2.2.2:8080   Policy denied   DROPPED   TCP Flags: SYN\n',
    ],
    [
      'tab with node',
      flow,
      {format: 'tab', nodeName: true},
      'TIMESTAMP             NODE   SOURCE          DESTINATION    TYPE            VERDICT   SUMMARY\nJan  1 00:20:34.567   k8s1   1.1.1.1:31793   2.2.2.2:8080   Policy denied   DROPPED   TCP Flags: SYN\n',
    ],
    [
      'compact',
      flow,
      {},
      'Jan  1 00:20:34.567: 1.1.1.1:31793 (health) -> 2.2.2.2:8080 (ID:12345) Policy denied DROPPED (TCP Flags: SYN)\n',
    ],
    [
      'compact reply',
      {...flow, is_reply: true},
      {nodeName: true},
      'Jan  1 00:20:34.567 [k8s1]: 2.2.2.2:8080 (ID:12345) <- 1.1.1.1:31793 (health) Policy denied DROPPED (TCP Flags: SYN)\n',
    ],
    [
      'compact denied',
      denied,
      {nodeName: true},
      'Jan  1 00:20:34.567 [k8s1]: 1.1.1.1:31793 (health) <> 2.2.2.2:8080 (ID:12345) policy-verdict:none EGRESS DENIED (TCP Flags: SYN)\n',
    ],
    [
      'compact denied by',
      denied,
      {nodeName: true, policyNames: true},
      'Jan  1 00:20:34.567 [k8s1]: 1.1.1.1:31793 (health) <> 2.2.2.2:8080 (ID:12345) policy-verdict:none EGRESS DENIED BY my-policy (CiliumNetworkPolicy) (TCP Flags: SYN)\n',
    ],
    [
      'compact allowed by',
      allowed,
      {nodeName: true, policyNames: true},
      'Jan  1 00:20:34.567 [k8s1]: 1.1.1.1:31793 (health) <> 2.2.2.2:8080 (ID:12345) policy-verdict:L3-Only INGRESS ALLOWED BY my-policy (CiliumNetworkPolicy), my-policy-2 (CiliumClusterwideNetworkPolicy) (TCP Flags: SYN)\n',
    ],
    [
      'compact audited by',
      {...denied, verdict: 'AUDIT'},
      {policyNames: true},
      'Jan  1 00:20:34.567: 1.1.1.1:31793 (health) <> 2.2.2.2:8080 (ID:12345) policy-verdict:none EGRESS AUDITED BY my-policy (CiliumNetworkPolicy) (TCP Flags: SYN)\n',
    ],
    [
      'dict',
      flow,
      {format: 'dict', nodeName: true},
      '  TIMESTAMP: Jan  1 00:20:34.567\n       NODE: k8s1\n     SOURCE: 1.1.1.1:31793\nDESTINATION: 2.2.2.2:8080\n       TYPE: Policy denied\n    VERDICT: DROPPED\n    SUMMARY: TCP Flags: SYN\n',
    ],
  ] as const)('%s', (_name, one, options, expected) => {
    expect(printed(one as Flow, options)).toBe(expected);
  });

  it('jsonpb', () => {
    expect(printed(flow, {format: 'jsonpb'})).toBe(
      '{"flow":{"time":"1970-01-01T00:20:34.567800Z","verdict":"DROPPED","IP":{"source":"1.1.1.1","destination":"2.2.2.2"},"l4":{"TCP":{"source_port":31793,"destination_port":8080}},"source":{"identity":4},"destination":{"identity":12345},"Type":"L3_L4","node_name":"k8s1","event_type":{"type":1,"sub_type":133},"is_reply":false,"Summary":"TCP Flags: SYN"},"node_name":"k8s1","time":"1970-01-01T00:20:34.567800Z"}\n',
    );
  });

  it('times', () => {
    const time = '2026-11-03T04:05:06.070809Z';
    expect(
      ['StampMilli', 'RFC3339', 'RFC3339Milli', 'RFC3339Micro', 'RFC3339Nano', 'RFC1123Z'].map((name) =>
        formatTime(time, name),
      ),
    ).toEqual([
      'Nov  3 04:05:06.070',
      '2026-11-03T04:05:06Z',
      '2026-11-03T04:05:06.070Z',
      '2026-11-03T04:05:06.070809Z',
      '2026-11-03T04:05:06.070809Z',
      'Tue, 03 Nov 2026 04:05:06 +0000',
    ]);
    expect(formatTime('yesterday', 'RFC3339')).toBe('N/A');
  });
});

const cluster = ['--cluster', 'fixtures/policy.yaml'];
const observe = (...argv: string[]) => runMain(hubbleMain, ['observe', ...cluster, ...argv], {cwd: process.cwd()});
const lines = async (...argv: string[]) =>
  (await observe('--all', '-o', 'jsonpb', ...argv)).stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).flow as Flow);

describe('hubble observe, of a run', () => {
  it('shows the last 20 unless told otherwise, and says so', async () => {
    const [all, last] = [await observe('--all'), await observe()];
    const rows = all.stdout.split('\n').filter(Boolean);
    expect(last.stdout.split('\n').filter(Boolean)).toEqual(rows.slice(-20));
    expect(last.stderr).toContain(`the last 20 of ${rows.length} flows`);
    expect((await observe('--first', '3')).stdout.split('\n').filter(Boolean)).toEqual(rows.slice(0, 3));
    expect((await observe('--last', '3')).stdout.split('\n').filter(Boolean)).toEqual(rows.slice(-3));
    expect((await observe('-f')).stdout).toBe(all.stdout);
    const recent = await lines('--since', '1s');
    expect(recent.length).toBeGreaterThan(0);
    expect(recent.length).toBeLessThan(rows.length);
  });

  it('filters divide flows: what fits and what does not are all of them', async () => {
    const all = await lines();
    for (const [name, value] of [
      ['pod', 'default/web'],
      ['from-pod', 'web'],
      ['to-pod', 'api'],
      ['namespace', 'default'],
      ['ip', '10.244.0.0/24'],
      ['to-port', '5432'],
      ['label', 'app=db'],
      ['identity', 'world'],
      ['protocol', 'tcp'],
      ['verdict', 'DROPPED'],
      ['type', 'trace:to-endpoint'],
      ['tcp-flags', 'syn,ack'],
      ['traffic-direction', 'ingress'],
      ['drop-reason-desc', 'POLICY_DENY'],
      ['node-name', 'node*'],
      ['ip-version', 'v4'],
    ] as const) {
      const [fits, others] = [await lines(`--${name}`, value), await lines('--not', `--${name}`, value)];
      expect(fits.length + others.length, name).toBe(all.length);
      expect(new Set([...fits, ...others].map(({uuid}) => uuid)), name).toEqual(new Set(all.map(({uuid}) => uuid)));
    }
    expect(
      (await lines('--verdict', 'DROPPED')).every(({drop_reason: reason}) => reason === undefined || reason === 181),
    ).toBe(true);
    expect(await lines('--from-pod', 'web', '--to-pod', 'db', '--type', 'drop')).not.toEqual([]);
  });

  it('wrong values and flags are said in its words', async () => {
    for (const [argv, text] of [
      [['--verdict', 'NO'], 'invalid --verdict value: NO'],
      [['--type', 'x'], 'invalid type'],
      [['--first', '1', '--last', '1'], 'cannot set both --first and --last'],
      [['-o', 'x'], 'invalid output format: x'],
      [['-f', '-o', 'table'], 'table output format is not compatible with follow mode'],
      [['--not'], 'trailing --not found in the arguments'],
      [['--nonsense'], 'unknown flag: --nonsense'],
      [['--since', 'x'], 'failed to parse the since time'],
    ] as const) {
      const {code, stderr} = await observe(...argv);
      expect([code, stderr]).toEqual([1, expect.stringContaining(text)]);
    }
    const refused = await observe('--http-method', 'get');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--http-method is not supported')]);
    for (const name of filterNames) expect(() => flowFilter([[name, '1']])).not.toThrow(TypeError);
    expect(() => flowFilter([['label', '=']])).toThrow(FilterError);
  });

  it('its records replay as what they were', async () => {
    const {stdout} = await observe('--all', '-o', 'jsonpb');
    const cwd = folderWith({'flows.jsonl': stdout});
    const io = {...memoryIo(), cwd};
    const session = await createSession(
      {
        cluster: [`${process.cwd()}/fixtures/policy.yaml`],
        set: [],
        traffic: [],
        node: undefined,
        pod: undefined,
        seed: undefined,
      },
      io,
    );
    const request = {
      file: 'flows.jsonl',
      with: [],
      semantics: undefined,
      output: 'json',
      all: true,
      skipBad: false,
    } as const;
    expect(await runReplay(session, request, io)).toBe(0);
    const {connections, notJudged} = JSON.parse(io.stdout.text);
    expect(
      connections.map(({src, dst, seen, verdict, explainedBefore}: Record<string, unknown>) => [
        src,
        dst,
        seen,
        verdict,
        explainedBefore,
      ]),
    ).toEqual([
      ['default/web', 'default/api', 'passed', 'allowed', true],
      ['default/web', 'default/db', 'denied', 'denied', true],
    ]);
    expect(notJudged).toEqual([]);
  });
});
