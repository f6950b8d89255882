/**
 * Real tools that outputs are held against. Where one is missing its tests skip and say so; with WIRELAY_ORACLES=required
 * (CI) a missing tool is a failure.
 */
import {execFileSync} from 'node:child_process';
import {describe, it} from 'vitest';
import {mermaidFiles} from './mermaid.js';

const probes = {
  tcpdump: ['tcpdump', '--version'],
  tshark: ['tshark', '--version'],
  capinfos: ['capinfos', '--version'],
  scapy: ['/usr/bin/python3', '-c', 'import scapy'],
  curl: ['sh', '-c', 'curl --version | grep -q "^curl 7.88"'],
  dig: ['dig', '-v'],
  ip: ['ip', '-V'],
  iptables: ['iptables', '--version'],
  nft: ['nft', '--version'],
  tmux: ['tmux', '-V'],
  chromium: ['chromium', '--version'],
  dot: ['dot', '-V'],
  xmllint: ['xmllint', '--version'],
  jsonschema: ['/usr/bin/python3', '-c', 'import jsonschema'],
  expat: ['/usr/bin/python3', '-c', 'import xml.parsers.expat'],
  tar: ['tar', '--version'],
  zip: ['zip', '-v'],
  mermaid: ['test', '-n', mermaidFiles()?.core ?? ''],
  kubectl: ['sh', '-c', 'kubectl version --client | grep -q v1.32'],
  netns: ['sh', '-c', 'ip netns add wirelay-probe-$$ && ip netns del wirelay-probe-$$'],
} as const;

/** Not to be had from Debian, or in this version only from one of its releases: skipped where missing, whatever is required. */
const elsewhere: ReadonlySet<string> = new Set(['curl', 'kubectl', 'mermaid']);

export type OracleName = keyof typeof probes;

const found = new Map<OracleName, boolean>();

export function hasOracle(name: OracleName): boolean {
  if (!found.has(name)) {
    const [command, ...args] = probes[name];
    try {
      execFileSync(command, args, {stdio: 'ignore'});
      found.set(name, true);
    } catch {
      found.set(name, false);
    }
  }
  return found.get(name)!;
}

/** A `describe` that runs where all the tools are, and otherwise skips (or fails, when oracles are required). */
export function describeWith(names: readonly OracleName[], title: string, body: () => void): void {
  const missing = names.filter((name) => !hasOracle(name));
  if (missing.length === 0) return void describe(title, body);
  const reason = `${title}: needs ${missing.join(', ')}`;
  if (process.env.WIRELAY_ORACLES === 'required' && missing.some((name) => !elsewhere.has(name))) {
    it(reason, () => {
      throw new Error(`missing: ${missing.join(', ')} (WIRELAY_ORACLES=required)`);
    });
  } else describe.skip(`${reason}, not installed`, body);
}
