/** From one encapsulation to the next: the settings that make it. */
import type {Snapshot, UiState} from './model.js';
import {type Mode, modes, type World} from './world.js';

const paths = ['spec.cilium.routing-mode', 'spec.cilium.tunnel-protocol', 'spec.cilium.auto-direct-node-routes'];

/** geneve, vxlan, native, and around. */
export function switchMode(state: UiState, before: Snapshot): UiState {
  const {world} = state;
  if (!world.overlay)
    return {...state, message: {text: `${world.name} has no Cilium to change the encapsulation of`, tone: 'error'}};
  const mode = modes[(modes.indexOf(world.mode) + 1) % modes.length]!;
  const others = world.options.set.filter((set) => !paths.some((path) => set.startsWith(`${path}=`)));
  return {
    ...state,
    before,
    message: {text: `${world.mode} to ${mode}…`, tone: 'busy'},
    effect: {kind: 'reopen', set: [...others, ...settingsOf(mode, world)], compare: true},
  };
}

/** Without a tunnel someone has to know the way to the pods: the nodes, unless the underlay does. */
function settingsOf(mode: Mode, world: World): string[] {
  const [routing, protocol, direct] = paths;
  if (mode === 'native') return [`${routing}=native`, ...(world.underlayRoutesPods ? [] : [`${direct}=true`])];
  return [`${routing}=tunnel`, `${protocol}=${mode}`, ...(world.autoDirectNodeRoutes ? [`${direct}=false`] : [])];
}
