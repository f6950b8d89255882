/** The run under the screen, held against the commands that it names. */
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, it} from 'vitest';
import {createSession} from '../../src/session/session.js';
import {exportFrames} from '../../src/tools/export/export.js';
import {uiMain} from '../../src/ui/main.js';
import type {UiState} from '../../src/ui/model.js';
import {createRecorder} from '../../src/ui/recorder.js';
import {createRunner, type Runner} from '../../src/ui/runner.js';
import {memoryIo} from '../memory-io.js';
import {demoOptions} from './world.js';

const folder = mkdtempSync(join(tmpdir(), 'wirelay-ui-'));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function open(options: Partial<typeof demoOptions> = {}): Promise<Runner> {
  const all = {...demoOptions, ...options};
  const io = {...memoryIo(), cwd: folder};
  const runner = createRunner({session: await createSession(all, io), options: all, io, columns: 80, rows: 24});
  await until(runner, (state) => !state.running);
  return runner;
}

function until(runner: Runner, wanted: (state: UiState) => boolean): Promise<UiState> {
  return new Promise((resolve) => {
    const look = () => {
      if (!wanted(runner.state())) return;
      stop();
      resolve(runner.state());
    };
    const stop = runner.subscribe(look);
    setImmediate(look);
  });
}

function type(runner: Runner, text: string): void {
  for (const letter of text)
    runner.dispatch({type: 'key', key: letter === '\n' ? {name: 'enter'} : {name: 'char', text: letter}});
}

describe('runner', () => {
  it('breaks a node and mends it, under traffic that goes on', async () => {
    const runner = await open({traffic: ['pod-a -> pod-b/icmp x2']});
    const answered = (state: UiState) => state.frames.some(({point}) => point.node === 'node2');
    expect(answered(runner.state())).toBe(true);
    const nodes = runner.state().world.tree.flatMap((item) => (item.kind === 'node' ? [item.node] : []));
    const row = runner.state().world.tree.findIndex((item) => item.kind === 'node' && item.node === 'node2');
    expect(nodes).toContain('node2');
    for (let i = 0; i < 3; i++) runner.dispatch({type: 'key', key: {name: 'tab'}});
    runner.dispatch({type: 'key', key: {name: 'tab'}});
    while (runner.state().pane !== 'cluster') runner.dispatch({type: 'key', key: {name: 'tab'}});
    for (let i = 0; i < row; i++) runner.dispatch({type: 'key', key: {name: 'down'}});
    type(runner, 'x');
    const isDown = ({world}: UiState) => world.tree.some((item) => item.kind === 'node' && item.down);
    const broken = await until(runner, (state) => !state.running && isDown(state));
    expect(broken.message?.text).toMatch(/^at=\d+ms down node2$/);
    const sent = broken.total;
    type(runner, ':traffic pod-a -> pod-b/icmp\n');
    const lost = await until(runner, (state) => !state.running && state.total > sent);
    expect(lost.frames.slice(sent).some(({point}) => point.node === 'node2')).toBe(false);
    type(runner, 'x');
    await until(runner, (state) => !state.running && !isDown(state));
    type(runner, 'y');
    const lines = runner.state().overlay!.lines.join('\n');
    expect(lines).toMatch(/--event 'at=\d+ms down node2' --event 'at=\d+ms up node2'/);
    runner.close();
  });

  it('applies a policy file, and takes it back', async () => {
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {name: 'closed', namespace: 'default'},
      spec: {podSelector: {}, policyTypes: ['Ingress']},
    };
    writeFileSync(join(folder, 'closed.json'), JSON.stringify(policy));
    const runner = await open({traffic: ['pod-a -> pod-b:8080/udp']});
    const before = runner.state().total;
    const dropped = (state: UiState) => state.frames.filter((frame) => frame.dropped).length;
    expect(dropped(runner.state())).toBe(0);
    type(runner, ':apply closed.json\n');
    await until(runner, (state) => !state.running && (state.message?.text ?? '').includes('apply'));
    type(runner, ':traffic pod-a -> pod-c:8080/udp\n');
    await until(runner, (state) => !state.running && state.total > before);
    expect(dropped(runner.state())).toBe(1);
    type(runner, ':remove closed\n');
    await until(runner, (state) => !state.running && (state.message?.text ?? '').includes('remove'));
    const count = runner.state().total;
    type(runner, ':traffic pod-a -> pod-c:8080/udp\n');
    await until(runner, (state) => !state.running && state.total > count);
    expect(dropped(runner.state())).toBe(1);
    type(runner, ':apply\n');
    expect(runner.state().message).toEqual({text: 'apply FILE', tone: 'error'});
    type(runner, ':apply nothing.yaml\n');
    const wrong = await until(runner, (state) => state.overlay !== undefined);
    expect(wrong.overlay?.lines[0]).toContain('nothing.yaml');
    runner.close();
  });

  it('lists the tunnels, and filters by one', async () => {
    const runner = await open({traffic: ['pod-a -> pod-b/icmp', 'pod-a -> pod-c/icmp']});
    const {tree} = runner.state().world;
    const row = tree.findIndex((item) => item.kind === 'tunnel' && item.label === 'node1 - node3');
    while (runner.state().pane !== 'cluster') runner.dispatch({type: 'key', key: {name: 'tab'}});
    for (let i = 0; i < row; i++) runner.dispatch({type: 'key', key: {name: 'down'}});
    runner.dispatch({type: 'key', key: {name: 'enter'}});
    const {shown, filter} = runner.state();
    expect(filter?.text).toBe('udp port 6081 and host 10.0.0.5 and host 10.0.0.7');
    expect(shown).toHaveLength(4);
    runner.close();
  });

  it('writes byte for byte what the export command writes', async () => {
    const runner = await open();
    type(runner, '/udp port 6081\n:node node1\n:export a.pcapng\n');
    const {message} = await until(runner, (state) => state.message !== undefined);
    const io = memoryIo();
    const points = ['node1:*', 'node1:*:*'];
    const output = join(folder, 'b.pcapng');
    const session = await createSession(demoOptions, io);
    const frames = await exportFrames(session, {output, format: 'pcapng', points, filter: 'udp port 6081'}, io);
    expect(message?.text).toBe(`${frames} frames written to a.pcapng`);
    expect(frames).toBeGreaterThan(10);
    expect(readFileSync(join(folder, 'a.pcapng')).equals(readFileSync(output))).toBe(true);
    type(runner, ':export a.pcapng\n');
    expect((await until(runner, (state) => state.prompt !== undefined)).prompt?.kind).toBe('overwrite');
    runner.close();
  });

  it('says where it could not write', async () => {
    const runner = await open();
    type(runner, ':export no/such/folder.pcapng\n');
    const {message} = await until(runner, (state) => state.message !== undefined);
    expect(message).toMatchObject({tone: 'error'});
    expect(message?.text).toContain('No such file or directory');
    runner.close();
  });

  it('sends traffic, and the options it then names give the same frames', async () => {
    const runner = await open({traffic: ['pod-a -> pod-b/icmp x2']});
    const before = runner.state().total;
    type(runner, ':traffic pod-c -> my-svc:80/http x2\n');
    const state = await until(runner, (now) => !now.running && now.total > before);
    const {options} = state.world;
    expect(options.traffic).toEqual(['pod-a -> pod-b/icmp x2', expect.stringMatching(/http x2 at=\d+ms$/)]);
    const again = await open({traffic: [...options.traffic]});
    const bytes = (frames: UiState['frames']) =>
      frames.map((f) => [f.time, f.point.index, f.packet, ...f.bytes].join());
    expect(bytes(again.state().frames)).toEqual(bytes(state.frames));
    runner.close();
    again.close();
  });

  it('tells what is wrong with traffic and settings, and goes on', async () => {
    const runner = await open();
    type(runner, ':traffic pod-z -> pod-a\n');
    const {overlay} = await until(runner, (state) => state.overlay !== undefined);
    expect(overlay?.lines.join('\n')).toContain('unknown source "pod-z"');
    type(runner, 'x:set spec.nonsense=1\n');
    const wrong = await until(runner, (state) => (state.overlay ?? state.message) !== undefined);
    expect(JSON.stringify([wrong.overlay, wrong.message])).toContain('nonsense');
    expect(wrong.total).toBeGreaterThan(0);
    runner.close();
  });

  it('changes the encapsulation and compares', async () => {
    const runner = await open();
    type(runner, 't');
    const {world, overlay} = await until(runner, (state) => state.overlay !== undefined);
    expect(world.mode).toBe('vxlan');
    expect(overlay?.lines.join('\n')).toContain('now:  VXLAN, UDP 8472');
    runner.close();
  });

  it('ends when the user quits', async () => {
    const runner = await open();
    type(runner, 'q');
    await runner.done;
  });
});

describe('recorder', () => {
  it('keeps the last frames only, by number and by bytes', async () => {
    const session = await createSession({...demoOptions, traffic: ['pod-a -> pod-b/icmp x500 every=1ms']}, memoryIo());
    const all = createRecorder(session);
    while (all.advance(1000));
    const few = createRecorder(session, {frames: 100, bytes: Number.POSITIVE_INFINITY});
    while (few.advance(1000)) expect(few.frames().length).toBeLessThanOrEqual(100);
    expect(few.total()).toBe(all.total());
    expect(few.frames().map((frame) => frame.number)).toEqual(
      all
        .frames()
        .slice(-100)
        .map((frame) => frame.number),
    );
    const small = createRecorder(session, {frames: 1e6, bytes: 5000});
    while (small.advance(1000));
    const bytes = small.frames().reduce((sum, frame) => sum + frame.bytes.length, 0);
    expect(bytes).toBeLessThanOrEqual(5000);
    expect(bytes).toBeGreaterThan(4000);
  });
});

describe('plain text', () => {
  it('prints every frame off a terminal', async () => {
    const io = memoryIo();
    expect(await uiMain(demoOptions, undefined, io)).toBe(0);
    const lines = io.stdout.text.trimEnd().split('\n');
    const runner = await open();
    expect(lines.length).toBe(runner.state().total);
    expect(lines[4]).toBe('0.000020 node1:pod-a:eth0         out 98 ICMP echo request 1 10.32.1.10 > 10.32.2.20');
    runner.close();
  });

  it('filters, and refuses what is no filter', async () => {
    const io = memoryIo();
    await uiMain(demoOptions, 'udp port 6081', io);
    expect(io.stdout.text.split('\n').every((line) => line === '' || line.includes(' geneve{'))).toBe(true);
    await expect(uiMain(demoOptions, 'geneve and', memoryIo())).rejects.toThrow('--filter: ');
  });
});
