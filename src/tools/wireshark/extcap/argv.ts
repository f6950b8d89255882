/** What Wireshark says to an extcap plugin (doc/man_pages/extcap.adoc, Wireshark 4.0), with the options of our own dialog. */
import {type SessionOptions, takeSessionOptions} from '../../../session/options.js';
import {UserError} from '../../../term/error.js';

export interface ExtcapArguments {
  readonly ask: 'version' | 'interfaces' | 'dlts' | 'config' | 'reload' | 'filter' | 'capture';
  readonly interface: string | undefined;
  /** reload: which option's choices are asked for. */
  readonly option: string | undefined;
  readonly fifo: string | undefined;
  /** pcap-filter expression; '' = none. */
  readonly filter: string;
  /** Device of the node, for the interface that stands for all; '' = all. */
  readonly device: string;
  /** Virtual nanoseconds to capture; undefined = until the traffic ends. */
  readonly duration: number | undefined;
  /** Virtual seconds per second; 0 = as fast as it goes. */
  readonly speed: number;
  readonly session: SessionOptions;
}

const valued = [
  'extcap-interface',
  'extcap-reload-option',
  'extcap-capture-filter',
  'fifo',
  'device',
  'duration',
  'speed',
  'installed',
] as const;
const flags = ['extcap-interfaces', 'extcap-dlts', 'extcap-config', 'capture'] as const;
type Valued = (typeof valued)[number];
type Flag = (typeof flags)[number];

const isValued = (name: string): name is Valued => valued.some((one) => one === name);
const isFlag = (name: string): name is Flag => flags.some((one) => one === name);

export function parseExtcap(argv: readonly string[]): ExtcapArguments {
  const {options: given, rest} = takeSessionOptions(argv);
  const values: Partial<Record<Valued, string>> = {};
  const set = new Set<Flag | 'extcap-version'>();
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const match = /^--([a-z-]+)(?:=([\s\S]*))?$/.exec(word);
    const name = match?.[1] ?? '';
    // its value, Wireshark's own version, may be left out
    if (name === 'extcap-version') set.add(name);
    else if (isFlag(name) && match?.[2] === undefined) set.add(name);
    else if (isValued(name)) {
      const value = match?.[2] ?? rest[++i];
      if (value === undefined) throw new UserError({message: `extcap: --${name} needs a value`});
      values[name] = value;
    } else throw new UserError({message: `extcap: unknown option ${word}`, hint: 'Wireshark calls this command'});
  }
  return {
    ask: askedFor(set, values),
    interface: values['extcap-interface'],
    option: values['extcap-reload-option'],
    fifo: values.fifo,
    filter: values['extcap-capture-filter'] ?? '',
    device: values.device ?? '',
    duration: values.duration === undefined ? undefined : seconds('duration', values.duration),
    speed: values.speed === undefined ? 0 : number('speed', values.speed),
    session: overlaid(values.installed, given),
  };
}

function askedFor(set: ReadonlySet<Flag | 'extcap-version'>, values: Partial<Record<Valued, string>>) {
  if (set.has('extcap-interfaces')) return 'interfaces';
  if (set.has('capture')) return 'capture';
  if (values['extcap-reload-option'] !== undefined) return 'reload';
  if (set.has('extcap-config')) return 'config';
  if (set.has('extcap-dlts')) return 'dlts';
  if (values['extcap-capture-filter'] !== undefined) return 'filter';
  if (set.has('extcap-version')) return 'version';
  throw new UserError({
    message: 'extcap: nothing asked for',
    hint: 'Wireshark calls this command; `wirelay wireshark install` tells it how',
  });
}

function number(name: string, text: string): number {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  throw new UserError({message: `extcap: --${name} ${text}: expected a number, 0 or more`});
}

/** 0 s: no limit. */
function seconds(name: string, text: string): number | undefined {
  return number(name, text) === 0 ? undefined : Math.round(number(name, text) * 1e9);
}

/** What the plugin was installed with, where the dialog says nothing else. Another cluster leaves nothing of it. */
function overlaid(installed: string | undefined, given: SessionOptions): SessionOptions {
  if (installed === undefined || given.cluster.length > 0) return given;
  const base = takeSessionOptions(words(installed)).options;
  const lists = (name: 'set' | 'traffic') => (given[name].length > 0 ? given[name] : base[name]);
  const nodes = given.nodes ?? base.nodes;
  return {
    cluster: base.cluster,
    set: lists('set'),
    traffic: lists('traffic'),
    event: given.event?.length ? given.event : (base.event ?? []),
    node: given.node ?? base.node,
    pod: given.pod ?? base.pod,
    seed: given.seed ?? base.seed,
    ...(nodes === undefined ? {} : {nodes}),
  };
}

function words(json: string): string[] {
  try {
    const list: unknown = JSON.parse(json);
    if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list;
  } catch {
    // told below
  }
  throw new UserError({message: 'extcap: --installed wants a JSON list of words'});
}
