/** The dialog of an interface. The same for all of them, so that the plugin answers without starting us. */
import {sentence} from './sentences.js';

/** DLT_EN10MB. */
export const dltSentence = sentence('dlt', {number: 1, name: 'EN10MB', display: 'Ethernet'});

/** Numbers of the arguments that have choices. */
const [NODE, SPEED] = [1, 6] as const;

const speeds: readonly (readonly [value: string, display: string])[] = [
  ['0', 'as fast as it goes'],
  ['1', 'as the cluster’s clock runs'],
  ['10', 'ten times as fast as the clock'],
  ['0.1', 'ten times slower'],
];

/** For `wirelay` with where to look, for the others without. */
export function configText(all: boolean): string {
  const cluster = sentence('arg', {
    number: 0,
    call: '--cluster',
    display: 'Cluster',
    type: 'fileselect',
    mustexist: true,
    tooltip: 'definition, dump or archive; empty: what `wirelay wireshark install` was given',
    group: 'Cluster',
  });
  const places = [
    sentence('arg', {
      number: NODE,
      call: '--node',
      display: 'Node',
      type: 'selector',
      reload: true,
      placeholder: 'of the cluster',
      tooltip: 'whose interfaces',
      group: 'Cluster',
    }),
    everyNode,
    sentence('arg', {
      number: 2,
      call: '--device',
      display: 'Device',
      type: 'string',
      placeholder: 'all',
      tooltip: 'eth0, cilium_geneve, lxc…: of the node; empty: all, those of its pods too',
      group: 'Cluster',
    }),
  ];
  const traffic = [
    sentence('arg', {
      number: 3,
      call: '--traffic',
      display: 'Traffic',
      type: 'string',
      placeholder: 'pod-a -> my-svc:80/http x10 every=100ms',
      tooltip: 'FROM -> TO[:PORT][/PROTO] [xN] [every=TIME]; empty: the definition’s',
      group: 'Traffic',
    }),
    sentence('arg', {
      number: 4,
      call: '--seed',
      display: 'Seed',
      type: 'unsigned',
      tooltip: 'of every random choice; empty: the definition’s',
      group: 'Traffic',
    }),
    sentence('arg', {
      number: 5,
      call: '--duration',
      display: 'Seconds to capture',
      type: 'double',
      range: '0,1000000',
      default: 0,
      tooltip: 'by the cluster’s clock; 0: until the traffic ends',
      group: 'Traffic',
    }),
    sentence('arg', {
      number: SPEED,
      call: '--speed',
      display: 'Speed',
      type: 'selector',
      tooltip: 'of the cluster’s clock',
      group: 'Traffic',
    }),
    ...speeds.map(([value, display], i) =>
      sentence('value', {arg: SPEED, value, display, ...(i === 0 ? {default: true} : {})}),
    ),
  ];
  return [cluster, ...(all ? places : []), ...traffic].join('');
}

/** The value of `--node` that stands for all of them. */
export const EVERY_NODE = '*';
const everyNode = sentence('value', {arg: NODE, value: EVERY_NODE, display: 'all nodes', default: true});

/** Choices of `--node`, once the cluster is known. */
export function nodeValues(nodes: readonly string[]): string {
  return everyNode + nodes.map((name) => sentence('value', {arg: NODE, value: name, display: name})).join('');
}
