import {beforeAll, describe, expect, it} from 'vitest';
import type {UiState} from '../../src/ui/model.js';
import {frameSummary, hopsOf, selectedFrame, selectedLayers, verdictOf} from '../../src/ui/select.js';
import {reduce} from '../../src/ui/state.js';
import {demoState, press} from './world.js';

let demo: UiState;
let dropped: UiState;
beforeAll(async () => {
  demo = await demoState();
  dropped = await demoState({traffic: ['pod-a -> 10.32.2.99/icmp', 'pod-a -> pod-b:9/udp']});
});

const place = (state: UiState) => {
  const frame = selectedFrame(state)!;
  return `${state.world.label(frame.point)} ${frame.direction}`;
};
const chosen = (state: UiState) => {
  const layer = selectedLayers(state)[state.layer]!;
  return state.field < 0 ? layer.name : `${layer.name}.${layer.fields[state.field]!.name}`;
};
/** The first echo request as it leaves the pod. */
const echo = () => press(demo, 'down', 'down', 'down', 'down');

describe('frames', () => {
  it('starts at the first frame of the run', () => {
    expect(demo.frames.length).toBe(demo.total);
    expect(demo.shown).toBe(demo.frames);
    expect(selectedFrame(demo)).toBe(demo.frames[0]);
  });

  it('goes frame by frame, by pages, and to both ends, and stays inside', () => {
    expect(press(demo, 'down', 'down', 'up').selected).toBe(2);
    expect(press(demo, 'up').selected).toBe(1);
    expect(press(demo, 'end').selected).toBe(demo.total);
    expect(press(demo, 'end', 'down').selected).toBe(demo.total);
    expect(press(demo, 'G', 'g').selected).toBe(1);
    expect(press(demo, 'page-down').selected).toBeGreaterThan(4);
    expect(press(demo, 'page-down', 'page-up').selected).toBe(1);
    expect(press(demo, 'j', 'j', 'k').selected).toBe(2);
  });

  it('keeps the selected frame as more come, and follows the end when asked', () => {
    const half = demo.frames.slice(0, 100);
    const start = reduce(
      {...demo, frames: [], shown: [], selected: 0},
      {type: 'frames', frames: half, total: 100, running: true},
    );
    const more = {type: 'frames', frames: demo.frames, total: demo.total, running: false} as const;
    expect(reduce(press(start, 'down'), more).selected).toBe(2);
    expect(reduce(press(start, 'end'), more).selected).toBe(demo.total);
    expect(reduce(press(start, 'end', 'up'), more).selected).toBe(99);
  });

  it('takes the first frame kept when the selected one is forgotten', () => {
    const later = demo.frames.slice(50);
    expect(reduce(demo, {type: 'frames', frames: later, total: demo.total, running: false}).selected).toBe(51);
  });

  it('survives having none', () => {
    const none = reduce(demo, {type: 'frames', frames: [], total: 0, running: false});
    const after = press(none, 'down', 'left', 'right', 'end', 'tab', 'down', 'enter', 'tab', 'down', 'y', 'q');
    expect(after.selected).toBe(0);
  });
});

describe('hops', () => {
  it('left and right follow one packet over all capture points', () => {
    const places: string[] = [];
    let state = echo();
    for (let i = 0; i < 7; i++, state = press(state, 'right')) places.push(place(state));
    expect(places).toEqual([
      'node1:pod-a:eth0 out',
      'node1:lxc(pod-a) in',
      'node1:cilium_geneve out',
      'node1:eth0 out',
      'node2:eth0 in',
      'node2:cilium_geneve in',
      'node2:pod-b:eth0 in',
    ]);
    expect(place(state)).toBe('node2:pod-b:eth0 in');
    expect(place(press(state, 'left', 'left'))).toBe('node2:eth0 in');
  });

  it('goes on through frames that the filter hides', () => {
    const state = press(demo, '/', 'udp port 6081', 'enter');
    expect(place(state)).toBe('node1:eth0 out');
    const before = press(state, 'left');
    expect(place(before)).toBe('node1:cilium_geneve out');
    expect(before.shown).toBe(state.shown);
    // from between the shown frames down is the next one, up the one before
    expect(press(before, 'down').selected).toBe(state.selected);
    expect(place(press(before, 'up'))).toBe('node1:eth0 out');
  });

  it('up and down do the same in the pane of the hops', () => {
    const state = press(echo(), 'tab', 'tab');
    expect(state.pane).toBe('hops');
    expect(place(press(state, 'down'))).toBe('node1:lxc(pod-a) in');
    expect(place(press(state, 'end'))).toBe('node2:pod-b:eth0 in');
  });

  it('says how the way ends', () => {
    const frame = selectedFrame(echo())!;
    expect(verdictOf(hopsOf(demo, frame), demo.world)).toEqual({word: 'delivered', text: 'to default/pod-b'});
    const drop = dropped.frames.find((one) => one.dropped)!;
    expect(verdictOf(hopsOf(dropped, drop), dropped.world)!.word).toBe('DROPPED');
    expect(verdictOf(hopsOf(dropped, drop), dropped.world)!.text).toMatch(/^at \S+: .*(dropped|discard): /);
  });
});

describe('layers', () => {
  it('walks layers and their fields as one list', () => {
    let state = press(echo(), 'tab');
    expect(chosen(state)).toBe('Ethernet');
    state = press(state, 'down');
    expect(chosen(state)).toBe('Ethernet.destination');
    state = press(state, 'down', 'down', 'down');
    expect(chosen(state)).toBe('IPv4');
    expect(chosen(press(state, 'up'))).toBe('Ethernet.ethertype');
    expect(chosen(press(state, 'end'))).toBe('Payload');
    expect(chosen(press(state, 'home'))).toBe('Ethernet');
  });

  it('stays on the same layer into the tunnel and out again', () => {
    let state = press(echo(), 'tab', 'down', 'down', 'down', 'down', 'down');
    expect(chosen(state)).toBe('IPv4.version');
    for (const layer of [1, 1, 5, 5, 1, 1]) {
      state = press(state, 'right');
      expect([state.layer, chosen(state)]).toEqual([layer, 'IPv4.version']);
    }
  });

  it('bytes of a field are the ones that hold it', () => {
    const state = press(echo(), 'right', 'right', 'right');
    const frame = selectedFrame(state)!;
    const geneve = selectedLayers(state).find((layer) => layer.name === 'Geneve')!;
    const vni = geneve.fields.find((field) => field.name === 'VNI')!;
    expect([vni.at, vni.end]).toEqual([46, 49]);
    const value = [...frame.bytes.subarray(vni.at, vni.end)].reduce((sum, byte) => sum * 256 + byte, 0);
    expect(vni.value).toBe(String(value));
  });
});

describe('filter and scope', () => {
  it('filters in the pcap-filter language', () => {
    const state = press(demo, '/', 'arp', 'enter');
    expect(state.shown.length).toBeGreaterThan(0);
    expect(state.shown.every((frame) => frameSummary(frame, state.world.ports).startsWith('ARP'))).toBe(true);
    expect(press(state, 'escape').shown).toBe(demo.frames);
  });

  it('shows what is wrong with it beside the text, and goes on editing', () => {
    const state = press(demo, '/', 'geneve and', 'enter');
    expect(state.prompt).toEqual({
      kind: 'filter',
      text: 'geneve and',
      error: "can't parse filter expression: syntax error",
    });
    expect(state.shown).toBe(demo.shown);
    const mended = press(state, 'backspace', 'backspace', 'backspace', 'backspace', 'enter');
    expect(mended.prompt).toBeUndefined();
    expect(mended.filter?.text).toBe('geneve');
    expect(press(state, 'escape').prompt).toBeUndefined();
  });

  it('opens with the filter that stands, clears it with an empty one', () => {
    const state = press(demo, '/', 'arp', 'enter', '/');
    expect(state.prompt?.text).toBe('arp');
    expect(press(state, 'clear-line', 'enter').filter).toBeUndefined();
  });

  it('nothing passes: nothing selected, and no key breaks it', () => {
    const state = press(demo, '/', 'ip6', 'enter');
    expect(state.shown).toEqual([]);
    expect(press(state, 'down', 'up', 'end', 'home').shown).toEqual([]);
    expect(press(state, 'escape').shown).toBe(demo.frames);
  });

  it('enter on a node, pod or service of the tree shows its frames', () => {
    const tree = press(demo, 'back-tab');
    expect(tree.pane).toBe('cluster');
    const node = press(tree, 'enter');
    expect(new Set(node.shown.map((frame) => frame.point.node))).toEqual(new Set(['node1']));
    const pod = press(tree, 'down', 'enter');
    expect(new Set(pod.shown.map((frame) => pod.world.label(frame.point)))).toEqual(
      new Set(['node1:pod-a:eth0', 'node1:lxc(pod-a)']),
    );
    const service = press(tree, 'end', 'up', 'enter');
    expect(service.filter?.text).toBe('host 10.96.10.50');
    expect(service.shown.length).toBeGreaterThan(0);
    expect(press(pod, 'escape').scope).toBeUndefined();
  });

  it(':node, :pod and :all do the same, and name the nearest', () => {
    expect(press(demo, ':node node2', 'enter').scope).toEqual({kind: 'node', node: 'node2'});
    expect(press(demo, ':pod pod-a', 'enter').scope).toMatchObject({kind: 'pod', pod: 'default/pod-a'});
    expect(press(demo, ':pod pod-a', 'enter', ':all', 'enter').shown).toBe(demo.frames);
    expect(press(demo, ':node nod2', 'enter').message).toEqual({
      text: 'no node nod2; did you mean node2?',
      tone: 'error',
    });
  });
});

describe('effects', () => {
  it('q and ctrl-c quit from anywhere', () => {
    expect(press(demo, 'q').effect).toEqual({kind: 'quit'});
    expect(press(demo, ':qu', 'enter').effect).toEqual({kind: 'quit'});
    for (const before of [demo, press(demo, '/ab'), press(demo, '?'), press(demo, ':')])
      expect(press(before, 'interrupt').effect).toEqual({kind: 'quit'});
  });

  it('letters in a prompt are text', () => {
    const state = press(demo, '/qyet?');
    expect([state.prompt?.text, state.effect]).toEqual(['qyet?', undefined]);
  });

  it('e asks for a path, and asks again before it overwrites', () => {
    const state = press(demo, 'e', 'clear-line', 'a.pcapng', 'enter');
    expect(state.effect).toEqual({kind: 'export', path: 'a.pcapng', overwrite: false});
    const asked = reduce({...state, effect: undefined}, {type: 'exists', path: 'a.pcapng'});
    expect(press(asked, 'y').effect).toEqual({kind: 'export', path: 'a.pcapng', overwrite: true});
    expect(press(asked, 'n').effect).toBeUndefined();
    expect(press(asked, 'n').message?.text).toBe('not written');
  });

  it('t goes around the three encapsulations, and keeps other settings', () => {
    const set = (state: UiState) => {
      const {effect} = press(state, 't');
      return effect?.kind === 'reopen' ? effect.set : [];
    };
    const own = 'spec.underlay.mtu=1400';
    const options = (list: readonly string[]) => ({...demo.world, options: {...demo.world.options, set: list}});
    expect(set({...demo, world: options([own])})).toEqual([
      own,
      'spec.cilium.routing-mode=tunnel',
      'spec.cilium.tunnel-protocol=vxlan',
    ]);
    const vxlan = {...demo, world: {...options(set(demo)), mode: 'vxlan'}} as UiState;
    expect(set(vxlan)).toEqual(['spec.cilium.routing-mode=native', 'spec.cilium.auto-direct-node-routes=true']);
    const native = {...demo, world: {...options(set(vxlan)), mode: 'native', autoDirectNodeRoutes: true}} as UiState;
    expect(set(native)).toEqual([
      'spec.cilium.routing-mode=tunnel',
      'spec.cilium.tunnel-protocol=geneve',
      'spec.cilium.auto-direct-node-routes=false',
    ]);
  });

  it('t leaves a cluster without Cilium alone', () => {
    const state = press({...demo, world: {...demo.world, mode: 'native', overlay: false}}, 't');
    expect(state.effect).toBeUndefined();
    expect(state.message?.tone).toBe('error');
  });

  it('space holds a run that goes on', () => {
    const running = {...demo, running: true};
    expect(press(running, ' ')).toMatchObject({paused: true, effect: {kind: 'pause', paused: true}});
    expect(press(demo, ' ').effect).toBeUndefined();
  });

  it('says what a command wants', () => {
    expect(press(demo, ':traffic', 'enter').message?.text).toContain('FROM -> TO');
    expect(press(demo, ':trafic a -> b', 'enter').message?.text).toContain('did you mean traffic?');
    expect(press(demo, ':set mtu', 'enter').message?.tone).toBe('error');
    expect(press(demo, ':', 'enter').message).toBeUndefined();
  });
});

describe('comparison', () => {
  it('shows figures of both runs, and what is the same', async () => {
    const vxlan = await demoState({
      set: ['spec.cilium.routing-mode=native', 'spec.cilium.auto-direct-node-routes=true'],
    });
    const asked = press(demo, 't');
    const open = reduce({...asked, effect: undefined}, {type: 'reopened', world: vxlan.world});
    const {frames, total} = vxlan;
    const done = reduce(open, {type: 'frames', frames, total, running: false});
    const text = done.overlay!.lines.join('\n');
    expect(text).toMatch(/\* encapsulation +was: {2}Geneve, UDP 6081\n +now: {2}none, routed/);
    expect(text).toMatch(/\* tunnel device +was: {2}cilium_geneve\n +now: {2}none/);
    expect(text).toMatch(/\* MTU for pods +was: {2}1450\n +now: {2}1500/);
    expect(text).toMatch(/drops +same: 0/);
    expect(press(done, 'down', 'down').overlay?.top).toBe(2);
    expect(press(done, 'x').overlay).toBeUndefined();
  });

  it('a failure takes it back', () => {
    const state = reduce(press(demo, 't'), {type: 'failed', text: 'no'});
    expect([state.before, state.message]).toEqual([undefined, {text: 'no', tone: 'error'}]);
    expect(reduce(demo, {type: 'failed', text: 'a\n  hint: b'}).overlay?.lines).toEqual(['a', '  hint: b']);
  });
});
