/** pcap-filter(7) expressions to classic BPF, instruction by instruction what libpcap 1.10.3 makes of them. */
import {FilterError} from './error.js';
import {type NameSource, newState} from './gen/state.js';
import {prepareVlanOffsets} from './gen/vlan.js';
import {buildGraph} from './graph.js';
import {linearize} from './linearize.js';
import {type Program, RET_K} from './opcode.js';
import {optimize} from './optimize/optimize.js';
import {parse} from './parser.js';

export interface CompileOptions {
  /** Of the packets: a DLT or LINKTYPE number, pcap-linktype(7). */
  readonly linktype: number;
  /** What the program returns for a packet that passes. */
  readonly snaplen: number;
  readonly optimize: boolean;
  /** Packets come from a file: direction and interface are not known beside them. */
  readonly savefile: boolean;
  /** The filter is for a live Linux device: `vlan` also looks at the tag in a packet's metadata. Default: false. */
  readonly vlanMetadata?: boolean;
  /** The file was written in the other byte order (only matters to BSD loopback). */
  readonly swapped?: boolean;
  /** IPv4 netmask for `ip broadcast`; 0, as tcpdump has it for files, unless given. */
  readonly netmask?: number;
  readonly names?: NameSource;
}

/** Throws `FilterError` with libpcap's message. An empty text accepts every packet. */
export function compileFilter(text: string, options: CompileOptions): Program {
  const {linktype, snaplen, savefile, vlanMetadata = false, swapped = false, netmask = 0, names = {}} = options;
  if (snaplen === 0) throw new FilterError('snaplen of 0 rejects all packets');
  const state = newState({linktype, snaplen, savefile, vlanMetadata, swapped, netmask, names});
  const condition = parse(text, state);
  if (condition !== undefined) prepareVlanOffsets(state, condition);
  const graph = buildGraph(condition, snaplen);
  if (options.optimize && state.mayOptimize) {
    optimize(graph);
    const root = graph.nodes[graph.root]!;
    if (root.code === RET_K && root.k === 0) throw new FilterError('expression rejects all packets');
  }
  return linearize(graph);
}
