import {describe, expect, it} from 'vitest';
import {takeSessionOptions} from '../../src/session/options.js';
import {createSession} from '../../src/session/session.js';
import {memoryIo} from '../memory-io.js';

describe('session options', () => {
  it('are taken off in either form, the rest keeps its order', () => {
    const {options, rest} = takeSessionOptions([
      '-i',
      'eth0',
      '--node',
      'node2',
      'udp',
      '--set=a.b=c',
      '--set',
      'd=e',
      '--seed=7',
    ]);
    expect(rest).toEqual(['-i', 'eth0', 'udp']);
    expect(options).toMatchObject({node: 'node2', set: ['a.b=c', 'd=e'], seed: 7});
  });

  it('are left alone behind --', () => {
    expect(takeSessionOptions(['--', '--node', 'x']).rest).toEqual(['--', '--node', 'x']);
  });

  it.each([
    [['--node'], 'option --node needs a value: --node NAME'],
    [['--pod', 'a', '--pod', 'b'], 'option --pod is given twice'],
    [['--seed', '-1'], '--seed -1: expected a whole number from 0 to 4294967295'],
  ])('%j is refused', (argv, message) => {
    expect(() => takeSessionOptions(argv)).toThrow(message);
  });
});

describe('viewpoint', () => {
  const open = (options: {node?: string; pod?: string}) =>
    createSession(
      {cluster: ['demo'], set: [], traffic: [], seed: undefined, node: options.node, pod: options.pod},
      memoryIo(),
    );

  it('is the first node, the named one, or the pod’s', async () => {
    expect((await open({})).node.name).toBe('node1');
    expect((await open({node: 'node3'})).node.name).toBe('node3');
    const session = await open({pod: 'default/pod-b'});
    expect(session.node.name).toBe('node2');
    expect(session.netns().devices.map((device) => device.name)).toEqual(['lo', 'eth0']);
  });

  it('names what was meant', async () => {
    await expect(open({node: 'nod2'})).rejects.toThrow('no node nod2 in cluster demo\n  hint: did you mean node');
    await expect(open({pod: 'pod-x'})).rejects.toThrow('no pod pod-x in cluster demo\n  hint: did you mean pod-');
    await expect(open({node: 'node1', pod: 'pod-b'})).rejects.toThrow('pod default/pod-b runs on node2, not on node1');
  });

  it('keeps one run for all views, and runs again for an observer with the same frames', async () => {
    const session = await open({});
    expect(await session.run()).toBe(await session.run());
    const frames: number[] = [];
    const watched = await session.run({observers: [{frame: (_p, time) => frames.push(time)}]});
    expect(frames.length).toBeGreaterThan(10);
    expect(watched.endTime).toBe((await session.run()).endTime);
  });
});
