/** Workloads that no arrow tells apart: each reaches the same others at the same ports, is reached by the same, and by each other alike. */
import {formatPorts} from '../../control/policy/ports.js';
import type {Connection} from '../matrix/matrix.js';

const ALL = 'All Connections';

/** Title → titles of its class, itself among them, in the order given. Those among which all is open come first. */
export function twins(titles: readonly string[], connections: readonly Connection[]): Map<string, readonly string[]> {
  const index = new Map<string, number>();
  const number = (title: string) => {
    const known = index.get(title) ?? index.size;
    index.set(title, known);
    return known;
  };
  const words = new Map<string, string[]>();
  const say = (title: string, word: string) => {
    const list = words.get(title);
    if (list) list.push(word);
    else words.set(title, [word]);
  };
  for (const {from, to, ports} of connections) {
    const label = formatPorts(ports);
    say(from, `>${number(to)} ${label}`);
    say(to, `<${number(from)} ${label}`);
  }
  /** `open`: as if it reached itself too, which makes those that reach each other equal. */
  const signature = (title: string, open: boolean) => {
    const own = number(title);
    const self = open ? [`>${own} ${ALL}`, `<${own} ${ALL}`] : [];
    return [...(words.get(title) ?? []), ...self].sort().join('|');
  };
  const classes = new Map<string, readonly string[]>();
  for (const open of [true, false]) {
    const found = new Map<string, string[]>();
    for (const title of titles) {
      if (classes.has(title)) continue;
      const key = signature(title, open);
      const list = found.get(key);
      if (list) list.push(title);
      else found.set(key, [title]);
    }
    for (const list of found.values()) if (list.length > 1) for (const title of list) classes.set(title, list);
  }
  for (const title of titles) if (!classes.has(title)) classes.set(title, [title]);
  return classes;
}
