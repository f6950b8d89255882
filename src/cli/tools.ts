/**
 * The look-alikes, one row each: the command's name → its tool, and words to put in front of the user's.
 * Loaded on demand; started directly when the first word names one (see `main` in `src/cli.ts`).
 */
import type {ToolMain} from '../term/io.js';

export interface ToolRow {
  readonly load: () => Promise<ToolMain>;
  readonly before: readonly string[];
  /** In a session: this command line reads files and no interface, so that its client runs it itself. */
  readonly isLocal?: (argv: readonly string[]) => Promise<boolean>;
}

const iptables = async () => (await import('../tools/iptables/main.js')).iptablesMain;
const iptablesSave = async () => (await import('../tools/iptables/main.js')).iptablesSaveMain;
const cilium = async () => (await import('../tools/cilium/main.js')).ciliumMain;

export const tools: Readonly<Record<string, ToolRow>> = {
  bpf: {load: cilium, before: ['bpf']},
  cilium: {load: cilium, before: []},
  'cilium-dbg': {load: cilium, before: []},
  config: {load: cilium, before: ['config']},
  conntrack: {load: async () => (await import('../tools/conntrack/main.js')).conntrackMain, before: []},
  curl: {load: async () => (await import('../tools/curl/main.js')).curlMain, before: []},
  dig: {load: async () => (await import('../tools/dig/main.js')).digMain, before: []},
  endpoint: {load: cilium, before: ['endpoint']},
  extcap: {
    load: async () => (await import('../tools/wireshark/extcap/main.js')).extcapMain,
    before: [],
    isLocal: async () => true,
  },
  hubble: {load: async () => (await import('../tools/hubble/main.js')).hubbleMain, before: []},
  identity: {load: cilium, before: ['identity']},
  ip: {load: async () => (await import('../tools/ip/main.js')).ipMain, before: []},
  ip6tables: {load: iptables, before: ['ip6tables']},
  'ip6tables-save': {load: iptablesSave, before: ['ip6tables']},
  iptables: {load: iptables, before: ['iptables']},
  'iptables-save': {load: iptablesSave, before: ['iptables']},
  ipvsadm: {load: async () => (await import('../tools/ipvsadm/main.js')).ipvsadmMain, before: []},
  monitor: {load: cilium, before: ['monitor']},
  kubectl: {load: async () => (await import('../tools/kubectl/main.js')).kubectlMain, before: []},
  nc: {load: async () => (await import('../tools/nc/main.js')).ncMain, before: []},
  nft: {load: async () => (await import('../tools/nft/main.js')).nftMain, before: []},
  node: {load: cilium, before: ['node']},
  nslookup: {load: async () => (await import('../tools/dig/nslookup.js')).nslookupMain, before: []},
  ping6: {load: async () => (await import('../tools/ping/main.js')).pingMain, before: ['-6']},
  ping: {load: async () => (await import('../tools/ping/main.js')).pingMain, before: []},
  policy: {load: cilium, before: ['policy']},
  service: {load: cilium, before: ['service']},
  ss: {load: async () => (await import('../tools/ss/main.js')).ssMain, before: []},
  status: {load: cilium, before: ['status']},
  tcpdump: {
    load: async () => (await import('../tools/tcpdump/main.js')).tcpdumpMain,
    before: [],
    isLocal: async (argv) => (await import('../tools/tcpdump/run.js')).readsFiles(argv),
  },
  traceroute: {load: async () => (await import('../tools/traceroute/main.js')).tracerouteMain, before: []},
  traceroute6: {load: async () => (await import('../tools/traceroute/main.js')).tracerouteMain, before: ['-6']},
};

/** What stands in front of the machine's own commands in a session. */
export const launchers = [
  'cilium',
  'cilium-dbg',
  'conntrack',
  'curl',
  'dig',
  'hubble',
  'ip',
  'ip6tables',
  'ip6tables-save',
  'iptables',
  'iptables-save',
  'ipvsadm',
  'kubectl',
  'nc',
  'nft',
  'nslookup',
  'ping',
  'ping6',
  'ss',
  'tcpdump',
  'traceroute',
  'traceroute6',
] as const satisfies readonly (keyof typeof tools)[];
