/** The look-alike of `nft list …` over the tables that kube-proxy in nftables mode keeps on a node. */
import type {NftChain, NftTable} from '../../control/kube-proxy/nft/model.js';
import type {SetElements} from '../../datapath/rule-model.js';
import {openSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {ToolMain} from '../../term/io.js';
import {type NftCommand, NftExit, type NftList, parseNft, problem} from './argv.js';
import {chainJson, type Json, jsonText, metainfo, ruleJson, setJson, tableJson} from './json.js';
import {familyNames, type TableParts, tableText} from './print.js';
import type {NftFormat} from './rule-text.js';

export const nftMain: ToolMain = async (argv, io) => {
  const {session, argv: words} = await openSession(argv, io);
  try {
    const command = parseNft(words);
    const tables = tablesOf(session);
    const chosen = command.lists.map((list) => choose(tables, list, command.line));
    const live = await elementsOf(session, chosen.flat(), command);
    io.stdout.write(nftText(command, chosen, live));
    return 0;
  } catch (error) {
    if (!(error instanceof NftExit)) throw error;
    io.stdout.write(error.stdout);
    io.stderr.write(error.stderr);
    return error.exitCode;
  }
};

/** Tables of the viewpoint: kube-proxy's on a node; a pod's namespace has none. */
function tablesOf(session: Session): readonly NftTable[] {
  const {cluster, pod} = session;
  if (pod && !pod.hostNetwork) return [];
  const {dataplane, cilium, kubeProxy} = cluster;
  if (dataplane === 'cilium' && cilium.kubeProxyReplacement)
    throw new UserError({
      message: 'nft: there is no kube-proxy: Cilium translates services in eBPF',
      hint: 'wirelay service list, wirelay bpf lb list',
    });
  if (kubeProxy.mode !== 'nftables')
    throw new UserError({
      message: `nft: kube-proxy runs in ${kubeProxy.mode} mode; rules of iptables are not shown as nftables`,
      hint: 'wirelay iptables-save, or kubeProxy.mode: nftables',
    });
  return session.state().nftables ?? [];
}

/** A table, and what is shown of it. */
export interface Chosen {
  readonly table: NftTable;
  readonly parts: TableParts | undefined;
}

/** What a command lists. */
export function choose(tables: readonly NftTable[], list: NftList, line: string): readonly Chosen[] {
  const {what, family, table: wanted, name} = list;
  const ofFamily = tables.filter((table) => family === undefined || familyNames[table.family] === family);
  const parts = (only: Partial<TableParts>): TableParts => ({
    whole: false,
    sets: [],
    chains: [],
    brief: false,
    ...only,
  });
  const all = (table: NftTable) => [...table.sets.values()];
  const chains = (table: NftTable) => [...table.chains.values()];
  const whole = (table: NftTable) => parts({whole: true, sets: all(table), chains: chains(table)});
  if (!wanted) {
    const shown: Readonly<Record<string, (table: NftTable) => TableParts | undefined>> = {
      tables: () => undefined,
      ruleset: whole,
      chains: (table) => parts({chains: chains(table), brief: true}),
      sets: (table) => parts({sets: all(table).filter((set) => !set.verdicts), brief: true}),
      maps: (table) => parts({sets: all(table).filter((set) => set.verdicts), brief: true}),
    };
    return ofFamily.map((table) => ({table, parts: shown[what]?.(table)}));
  }
  const table = ofFamily.find((candidate) => candidate.name === wanted.text);
  const missing = (word: typeof wanted) => problem('No such file or directory', word, line);
  if (!table) throw missing(wanted);
  if (!name) return [{table, parts: whole(table)}];
  if (what === 'chain') {
    const chain = table.chains.get(name.text);
    if (!chain) throw missing(name);
    return [{table, parts: parts({chains: [chain]})}];
  }
  const set = table.sets.get(name.text);
  if (!set || set.verdicts !== (what === 'map')) throw missing(name);
  return [{table, parts: parts({sets: [set]})}];
}

/** Sets that rules fill are shown as the definition's traffic leaves them; without such sets it is not run. */
async function elementsOf(session: Session, chosen: readonly Chosen[], {options}: NftCommand): Promise<SetElements> {
  const dynamic = chosen.some(({parts}) => parts?.sets.some((set) => set.timeout !== undefined));
  if (!dynamic || options.has('t')) return () => [];
  return (await session.run()).setElements(session.node.name);
}

export function formatOf(options: ReadonlySet<string>): NftFormat {
  const numeric = options.has('n');
  return {
    numeric,
    numericProtocol: numeric || options.has('p'),
    numericPriority: numeric || options.has('y'),
    numericTime: numeric || options.has('T'),
    services: options.has('S'),
    terse: options.has('t'),
    stateless: options.has('s'),
    handles: options.has('a'),
  };
}

export function nftText(
  {options, lists}: NftCommand,
  chosen: readonly (readonly Chosen[])[],
  live: SetElements,
): string {
  const format = formatOf(options);
  if (options.has('j'))
    return chosen
      .map((list) => `${jsonText({nftables: [metainfo, ...list.flatMap((one) => listJson(one, live, format))]})}\n`)
      .join('');
  const name = ({family, name: table}: NftTable) => `table ${familyNames[family]} ${table}\n`;
  return chosen
    .flatMap((list, i) =>
      list.map(({table, parts}) =>
        parts && lists[i]?.what !== 'tables' ? tableText(table, parts, live, format) : name(table),
      ),
    )
    .join('');
}

function listJson({table, parts}: Chosen, live: SetElements, {terse}: NftFormat): readonly Json[] {
  if (!parts) return [tableJson(table)];
  const rules = (chain: NftChain) => (parts.brief ? [] : chain.rules.map((rule) => ruleJson(table, chain, rule)));
  return [
    ...(parts.whole ? [tableJson(table)] : []),
    ...parts.sets.map((set) => setJson(table, set, live, terse)),
    ...parts.chains.map((chain) => chainJson(table, chain)),
    ...parts.chains.flatMap(rules),
  ];
}
