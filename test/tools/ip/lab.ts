/** A namespace model made real: the same devices, addresses, routes, rules and neighbours in network namespaces of this machine. */
import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Device, Netns, Route} from '../../../src/control/model.js';
import {formatIp, formatMac, formatPrefix} from '../../../src/wire/addr.js';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export interface Lab {
  readonly name: string;
  /** The real `ip` inside the namespace, once for each argument vector. */
  ip(argvs: readonly (readonly string[])[]): Outcome[];
  remove(): void;
}

const program = 'ip';
const run = (...argv: string[]) => execFileSync(program, argv, {stdio: ['ignore', 'pipe', 'pipe']}).toString();

/** Peers of devices whose other end is elsewhere live in namespaces of their own, made in the order of their numbers. */
export function buildLab(netns: Netns): Lab {
  const name = `wl-${process.pid}-${Math.floor(performance.now())}`;
  const others: string[] = [];
  const holders: ChildProcess[] = [];
  const lab: Lab = {
    name,
    ip: (argvs) => runAll(name, argvs),
    remove() {
      for (const holder of holders) holder.kill();
      for (const ns of [name, ...others]) spawnSync(program, ['netns', 'del', ns]);
    },
  };
  run('netns', 'add', name);
  try {
    exec(name, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    const forwarding = netns.routes.some(({type}) => type === 'anycast') ? 1 : 0;
    for (const scope of ['all', 'default'])
      exec(
        name,
        'sysctl',
        '-qw',
        `net.ipv6.conf.${scope}.accept_dad=0`,
        `net.ipv6.conf.${scope}.forwarding=${forwarding}`,
      );
    for (const device of netns.devices) addDevice(name, device, netns, others, holders);
    for (const device of [...netns.devices].filter(({up}) => up).sort(nearPairsLast)) {
      run('-n', name, 'link', 'set', device.name, 'up');
      awaitLinkLocal(name, device, netns);
    }
    for (const device of netns.devices) addAddresses(name, device);
    const linkFirst = [...netns.routes].sort((a, b) => Number(a.via !== undefined) - Number(b.via !== undefined));
    for (const route of linkFirst) if (route.protocol !== 'kernel' || isExtra(netns, route)) addRoute(name, route);
    setRules(name, netns);
    for (const {ip, dev, mac, state} of netns.neighbours)
      run(
        '-n',
        name,
        'neigh',
        'replace',
        formatIp(ip),
        'lladdr',
        formatMac(mac),
        'dev',
        dev,
        'nud',
        state.toLowerCase(),
      );
  } catch (error) {
    lab.remove();
    throw error;
  }
  return lab;
}

/** Of a veth pair in one namespace the later one first: only the second has a carrier at once. */
function nearPairsLast(a: Device, b: Device): number {
  return a.peer?.ifindex === b.ifindex && b.peer?.ifindex === a.ifindex ? b.ifindex - a.ifindex : a.ifindex - b.ifindex;
}

/** A link-local address comes when the carrier is noticed, up to a second later: wait, so that routes stand in device order. */
function awaitLinkLocal(name: string, device: Device, netns: Netns): void {
  if (!device.addresses.some(({scope}) => scope === 'link')) return;
  const near = device.peer && netns.devices.find(({ifindex}) => ifindex === device.peer!.ifindex);
  if (near?.peer?.ifindex === device.ifindex && near.ifindex < device.ifindex) return;
  while (run('-n', name, '-6', 'route', 'show', 'fe80::/64', 'dev', device.name) === '');
}

function exec(name: string, ...argv: string[]): void {
  run('netns', 'exec', name, ...argv);
}

function addDevice(name: string, device: Device, netns: Netns, others: string[], holders: ChildProcess[]): void {
  if (device.kind === 'loopback') return;
  const index = ['index', String(device.ifindex)];
  if (device.kind === 'veth') {
    const unnamed = addVeth(name, device, netns, others, index);
    if (unnamed) holders.push(forget(unnamed));
  } else {
    const {tunnel} = device;
    const words = tunnel!.external
      ? ['external']
      : ['id', String(tunnel!.vni), ...(tunnel!.link ? ['dev', tunnel!.link] : [])];
    if (tunnel!.remote !== undefined) words.push('remote', formatIp(tunnel!.remote));
    if (tunnel!.group !== undefined) words.push('group', formatIp(tunnel!.group));
    if (tunnel!.local !== undefined) words.push('local', formatIp(tunnel!.local));
    if (typeof tunnel!.ttl === 'number') words.push('ttl', String(tunnel!.ttl));
    if (!tunnel!.external) words.push(tunnel!.learning ? 'learning' : 'nolearning');
    run(
      '-n',
      name,
      'link',
      'add',
      device.name,
      ...index,
      'type',
      device.kind,
      ...words,
      'dstport',
      String(tunnel!.port),
    );
  }
  run('-n', name, 'link', 'set', device.name, 'mtu', String(device.mtu), 'address', formatMac(device.mac));
  if (device.noarp) run('-n', name, 'link', 'set', device.name, 'arp', 'off');
  for (const altname of device.altnames)
    run('-n', name, 'link', 'property', 'add', 'dev', device.name, 'altname', altname);
}

function addVeth(name: string, device: Device, netns: Netns, others: string[], index: string[]): string | undefined {
  const peer = device.peer!;
  const far = peer.netns !== undefined || peer.netnsId !== undefined;
  if (!far && netns.devices.findIndex((d) => d.ifindex === peer.ifindex) < netns.devices.indexOf(device))
    return undefined;
  const queues = ['numtxqueues', String(device.numTxQueues), 'numrxqueues', String(device.numRxQueues)];
  const peerWords = ['index', String(peer.ifindex), ...queues];
  if (far) {
    const other = peer.netns ?? `${name}-peer${device.ifindex}`;
    run('netns', 'add', other);
    others.push(other);
    peerWords.unshift('name', 'peer0', 'netns', other);
  } else peerWords.unshift('name', peer.name);
  run('-n', name, 'link', 'add', device.name, ...index, ...queues, 'type', 'veth', 'peer', ...peerWords);
  if (!far) return undefined;
  const other = others.at(-1)!;
  run('-n', other, 'link', 'set', 'peer0', 'addrgenmode', 'none', 'up');
  return peer.netns === undefined ? other : undefined;
}

/** One shell for many commands: starting each from here costs more than it runs. */
function runAll(name: string, argvs: readonly (readonly string[])[]): Outcome[] {
  const folder = mkdtempSync(join(tmpdir(), 'wirelay-lab-'));
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const lines = argvs.map(
    (argv, i) => `ip -n ${name} ${argv.map(quote).join(' ')} >${i}.out 2>${i}.err; echo $? >${i}.code`,
  );
  try {
    execFileSync('sh', ['-s'], {cwd: folder, input: lines.join('\n')});
    const read = (file: string) => readFileSync(join(folder, file), 'utf8');
    return argvs.map((_, i) => ({
      stdout: read(`${i}.out`),
      stderr: read(`${i}.err`),
      exitCode: Number(read(`${i}.code`)),
    }));
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** A namespace without a name prints as a number; a process keeps it alive. */
function forget(name: string): ChildProcess {
  const holder = spawn(program, ['netns', 'exec', name, 'sleep', '600'], {stdio: 'ignore'});
  while (run('netns', 'pids', name).trim() === '');
  run('netns', 'del', name);
  return holder;
}

function addAddresses(name: string, device: Device): void {
  if (device.kind === 'loopback') return;
  for (const {prefix, scope, broadcast} of device.addresses) {
    if (scope === 'link' && typeof prefix.ip === 'string') continue;
    const brd = broadcast === undefined ? [] : ['brd', formatIp(broadcast)];
    run('-n', name, 'addr', 'add', formatPrefix(prefix), ...brd, 'scope', scope, 'dev', device.name);
  }
}

/** Whether the agent, not the kernel, has put this route there, though with `proto kernel`. */
function isExtra(netns: Netns, route: Route): boolean {
  if (route.table === 255 || route.type === 'multicast' || route.type === 'anycast') return false;
  if (route.table !== 254 || route.via !== undefined || route.to === undefined) return true;
  const own = netns.devices
    .filter(({name}) => name === route.dev)
    .some(({addresses}) =>
      addresses.some(({prefix}) => {
        if (formatPrefix(prefix) === formatPrefix(route.to!) && route.family === 4) return false;
        const bits = formatPrefix(route.to!).split('/')[1];
        return (
          String(prefix.length) === bits && route.metric !== 1024 && sameNetwork(prefix.ip, route.to!.ip, prefix.length)
        );
      }),
    );
  return !own;
}

function sameNetwork(a: string | number, b: string | number, length: number): boolean {
  if (typeof a !== typeof b) return false;
  if (typeof a === 'number') return length === 0 || (a ^ (b as number)) >>> (32 - length) === 0;
  return formatIp(a).slice(0, 4) === formatIp(b).slice(0, 4);
}

function routeWords(route: Route): string[] {
  const words = [...(route.type === 'unicast' ? [] : [route.type]), route.to ? formatPrefix(route.to) : 'default'];
  if (route.via !== undefined) words.push('via', formatIp(route.via));
  if (route.dev !== undefined) words.push('dev', route.dev);
  words.push('proto', route.protocol, 'table', String(route.table));
  if (route.family === 4) words.push('scope', route.scope);
  if (route.source !== undefined) words.push('src', formatIp(route.source));
  if (route.metric !== undefined) words.push('metric', String(route.metric));
  if (route.mtu !== undefined) words.push('mtu', String(route.mtu));
  return words;
}

function addRoute(name: string, route: Route): void {
  run('-n', name, `-${route.family}`, 'route', 'add', ...routeWords(route));
}

function setRules(name: string, netns: Netns): void {
  for (const family of [4, 6] as const) {
    const rules = netns.rules.filter((rule) => rule.family === family);
    for (const rule of rules) {
      if (rule.priority === 0 || rule.priority >= 32766) continue;
      const words = ['from', rule.from ? formatPrefix(rule.from) : 'all', 'priority', String(rule.priority)];
      if (rule.to) words.push('to', formatPrefix(rule.to));
      if (rule.fwmark !== undefined) words.push('fwmark', `${rule.fwmark}/${rule.fwmask ?? 0xffffffff}`);
      run('-n', name, `-${family}`, 'rule', 'add', ...words, 'lookup', String(rule.table), 'protocol', 'kernel');
    }
    if (!rules.some((rule) => rule.priority === 0)) run('-n', name, `-${family}`, 'rule', 'del', 'priority', '0');
  }
}
