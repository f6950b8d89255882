/** What all views print through: `-o json|yaml|jsonpath=…` (pkg/command/output.go) and the two-column table of map dumps. */
import type {Session} from '../../session/session.js';
import {GoMap, type GoValue, goJson} from '../../term/go-json.js';
import type {Io} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {tabwriter} from '../../term/tabwriter.js';
import type {Flags} from '../common/cobra-argv.js';

export interface ViewContext {
  readonly session: Session;
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly io: Io;
}

/** Prints one thing; returns the exit code. */
export type View = (context: ViewContext) => number | Promise<number>;

/** The writer of lists and map dumps. */
export const listTable = {minWidth: 5, padding: 3} as const;

export function hasOutput({flags}: ViewContext): boolean {
  return (flags.get('output') ?? '') !== '';
}

/**
 * Prints `value` as the `-o` flag says. JSON and YAML end with one empty line more than needed, as the real program's do.
 * An unknown format is exit code 1.
 */
export async function printOutput({flags, io}: ViewContext, value: GoValue): Promise<number> {
  const format = flags.get('output') ?? '';
  const [, template] = /^jsonpath=(.*)/s.exec(format) ?? [];
  if (format === 'json' || template === '') io.stdout.write(`${goJson(value)}\n\n`);
  else if (format === 'yaml') io.stdout.write(`${(await import('../../term/go-yaml.js')).goYaml(value)}\n`);
  else if (template !== undefined) return printJsonPath(template, value, io);
  else {
    io.stderr.write("couldn't find output printer\n");
    return 1;
  }
  return 0;
}

async function printJsonPath(template: string, value: GoValue, io: Io): Promise<number> {
  const {JsonPathError, parseJsonPath, runJsonPath} = await import('../../term/jsonpath.js');
  try {
    io.stdout.write(`${runJsonPath(parseJsonPath(template), value)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    io.stderr.write(`Couldn't parse jsonpath expression: '${sanitize(error.message)}'\n`);
    return 1;
  }
}

/** A dumped map: key → values, in the order to print. The real order is Go's random one; this one is the map's own. */
export type MapDump = readonly (readonly [key: string, values: readonly string[]])[];

/** Go's TablePrinter over a dump, or the dump as a JSON object. */
export async function printMap(
  context: ViewContext,
  titles: readonly [string, string],
  dump: MapDump,
  whenEmpty?: string,
): Promise<number> {
  if (hasOutput(context)) return printOutput(context, new GoMap(dump));
  const {io} = context;
  if (dump.length === 0 && whenEmpty !== undefined) {
    io.stderr.write(`${whenEmpty}\n`);
    return 0;
  }
  const lines = dump.flatMap(([key, values]) =>
    values.map((value, i) => `${i === 0 ? sanitize(key) : ''}\t${sanitize(value)}\t\n`),
  );
  io.stdout.write(tabwriter(`${titles[0]}\t${titles[1]}\n${lines.join('')}`, listTable));
  return 0;
}

/** `TCP`, `UDP`, `ANY`, …: pkg/u8proto. */
const protocolNames: Readonly<Record<number, string>> = {
  0: 'ANY',
  1: 'ICMP',
  2: 'IGMP',
  4: 'IPIP',
  6: 'TCP',
  17: 'UDP',
  41: 'IPv6',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  58: 'ICMPv6',
  112: 'VRRP',
  132: 'SCTP',
};

export function protocolName(protocol: number): string {
  return protocolNames[protocol] ?? String(protocol);
}
