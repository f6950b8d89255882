/** Recorded flows against policies. */
import {describe, expect, it} from 'vitest';
import {runReplay} from '../../src/explain/replay/main.js';
import {createSession} from '../../src/session/session.js';
import {UserError} from '../../src/term/error.js';
import {folderWith} from '../cluster/load-input.js';
import {memoryIo} from '../memory-io.js';

const cluster = JSON.stringify({
  apiVersion: 'wirelay.dev/v1alpha1',
  kind: 'Cluster',
  spec: {
    nodes: 2,
    dns: false,
    pods: [
      {name: 'web-1', node: 'node1', labels: {app: 'web'}, ip: '10.244.0.10'},
      {name: 'api-1', node: 'node2', labels: {app: 'api'}, ip: '10.244.1.10', ports: [8080]},
    ],
    services: [{name: 'api', selector: {app: 'api'}, clusterIP: '10.96.0.50', ports: [{port: 80, targetPort: 8080}]}],
  },
});
const policy = (name: string, spec: object) => JSON.stringify({kind: 'NetworkPolicy', metadata: {name}, spec});
const shut = policy('api', {podSelector: {matchLabels: {app: 'api'}}, ingress: [{ports: [{port: 9090}]}]});

const web = {namespace: 'default', pod_name: 'web-1', labels: ['k8s:app=web']};
const api = {namespace: 'default', pod_name: 'api-1', labels: ['k8s:app=api']};
interface Fields {
  readonly [field: string]: unknown;
}

function record(fields: Fields = {}, port = 8080): Fields {
  return {
    verdict: 'FORWARDED',
    IP: {source: '10.244.0.10', destination: '10.244.1.10', ipVersion: 'IPv4'},
    l4: {TCP: {source_port: 40000, destination_port: port, flags: {SYN: true}}},
    source: web,
    destination: api,
    Type: 'L3_L4',
    is_reply: false,
    trace_observation_point: 'TO_ENDPOINT',
    ...fields,
  };
}

async function replay(
  lines: readonly (object | string)[],
  options: {with?: string; skipBad?: boolean; old?: string} = {},
) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const cwd = folderWith({
    'cluster.yaml': `${cluster}${options.old ? `\n---\n${options.old}` : ''}`,
    'flows.jsonl': `${text}\n`,
    'new.yaml': options.with ?? '',
  });
  const io = {...memoryIo(), cwd};
  const session = await createSession(
    {cluster: ['cluster.yaml'], set: [], traffic: [], node: undefined, pod: undefined, seed: undefined},
    io,
  );
  const code = await runReplay(
    session,
    {
      file: 'flows.jsonl',
      with: options.with ? ['new.yaml'] : [],
      semantics: undefined,
      output: 'json',
      all: true,
      skipBad: options.skipBad ?? false,
    },
    io,
  );
  return {code, ...JSON.parse(io.stdout.text)};
}

const changes = ({connections}: {connections: {change: string; src: string; dst: string; port: string}[]}) =>
  connections.map(({change, src, dst, port}) => `${change} ${src} ${dst} ${port}`);

describe('observe replay', () => {
  it('names what would break, and the rule', async () => {
    const result = await replay([{flow: record()}, {flow: record({}, 9090)}, {flow: record()}], {with: shut});
    expect(result.code).toBe(1);
    expect(changes(result)).toEqual([
      'breaks default/web-1 default/api-1 TCP 8080',
      'same default/web-1 default/api-1 TCP 9090',
    ]);
    expect(result.connections[0]).toMatchObject({
      records: 2,
      rule: {title: 'NetworkPolicy default/api (default)', where: {file: 'new.yaml', line: 1}},
      firstSeen: {file: 'flows.jsonl', line: 1},
    });
  });

  it('names what would newly pass', async () => {
    const denied = {verdict: 'DROPPED', drop_reason: 133, drop_reason_desc: 'POLICY_DENIED'};
    const open = policy('api', {podSelector: {matchLabels: {app: 'api'}}, ingress: [{}]});
    const result = await replay([{flow: record(denied)}], {old: shut, with: open});
    expect(result.code).toBe(0);
    expect(changes(result)).toEqual(['opens default/web-1 default/api-1 TCP 8080']);
    // seen on the way and denied at the end: denied
    const both = [{flow: record({trace_observation_point: 'TO_OVERLAY'})}, {flow: record(denied)}];
    expect(changes(await replay(both, {old: shut, with: open}))).toEqual(changes(result));
  });

  it('without other policies says what those of the cluster cannot explain', async () => {
    const {connections} = await replay([record()], {old: shut});
    expect(connections[0]).toMatchObject({change: 'breaks', explainedBefore: false});
  });

  it('finds ends by name, address, labels, owner and service', async () => {
    const lines = [
      record({source: {...web, pod_name: 'web-older'}}, 1),
      record({source: {}}, 2),
      record({destination: {}, IP: {source: '10.244.0.10', destination: '10.96.0.50'}}, 80),
      record(
        {
          source: {labels: ['reserved:host']},
          IP: {source: '10.0.0.9', destination: '10.244.1.10'},
          node_name: 'default/node1',
        },
        3,
      ),
      record({source: {labels: ['reserved:world']}, IP: {source: '203.0.113.9', destination: '10.244.1.10'}}, 4),
    ];
    const full = ['k8s:app=web', 'k8s:io.cilium.k8s.policy.cluster=other', 'k8s:io.kubernetes.pod.namespace=default'];
    const older = record({source: {namespace: 'default', pod_name: 'web-older', labels: full}}, 1);
    const result = await replay([older, ...lines.slice(1)]);
    expect(changes(result)).toEqual([
      'same default/web-1 default/api-1 TCP 1',
      'same default/web-1 default/api-1 TCP 2',
      'same default/web-1 default/api-1 TCP 8080',
      'same node node1 default/api-1 TCP 3',
      'same 203.0.113.9 default/api-1 TCP 4',
    ]);
  });

  it('leaves replies out, says what it cannot judge', async () => {
    const result = await replay([
      record({is_reply: true}),
      record({l4: {TCP: {source_port: 80, destination_port: 40000, flags: {SYN: true, ACK: true}}}}),
      record({l4: {ICMPv4: {}}}),
      {lost_events: {source: 'PERF_EVENT_RING_BUFFER'}},
      record({source: {namespace: 'gone', pod_name: 'x'}}),
      record({verdict: 'DROPPED', drop_reason_desc: 'CT_MAP_INSERTION_FAILED'}),
    ]);
    expect(result).toMatchObject({
      code: 0,
      connections: [],
      notJudged: [
        {reason: 'no pod like gone/x in the cluster', records: 1, firstSeen: {line: 5}},
        {reason: 'neither forwarded nor denied by policy', records: 1},
      ],
      leftOut: {'reply, which no policy is asked for': 3, 'lost events': 1},
    });
  });

  it('tells file and line of each line that is no record', async () => {
    const lines = [
      record(),
      '{"flow":',
      '[]',
      '{"a":1}',
      record({IP: {source: 'x', destination: '1.2.3.4'}}),
      record({l4: {TCP: {}}}),
    ];
    const error = await replay(lines).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).problems.map(({where}) => where?.line)).toEqual([2, 3, 4, 5, 6, undefined]);
    const result = await replay(lines, {skipBad: true});
    expect(result.leftOut).toEqual({'no records': 5});
    await expect(replay([''])).rejects.toThrow('no records');
  });
});
