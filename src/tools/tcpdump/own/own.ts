/** Our own options at work: an additional filter, and another way to write a packet's text. */
import type {Cluster} from '../../../cluster/model.js';
import {type TunnelPorts, tunnelPorts, walk} from '../../../session/walk.js';
import {UserError} from '../../../term/error.js';
import type {Output} from '../../../term/io.js';
import {linkTypeText} from '../link-types.js';
import type {TextPacket, TextTaker} from '../sink.js';
import {annotation} from './annotate.js';
import {flowOf, quotedFlow, vniOf} from './flow.js';
import {type InnerTest, innerTest} from './inner.js';
import {type Place, packetJson} from './json.js';
import type {OwnOptions} from './options.js';
import {type ClusterView, clusterOption, clusterTests, clusterView, type Test} from './select.js';

const decoder = new TextDecoder('latin1');

export class Own implements TextTaker {
  /** Where the packet that comes next was seen. */
  place: Place = {};
  /** What a packet's text begins with. */
  prefix = '';
  readonly ports: TunnelPorts;
  private readonly view: ClusterView | undefined;
  private readonly inner: readonly InnerTest[];
  private readonly tests: readonly Test[];
  private linkType = 1;
  private linkName = '';

  /** All names in the options are looked up here. `cluster`: the definition that packets are looked at by, if there is one. */
  constructor(
    private readonly options: OwnOptions,
    cluster: Cluster | undefined,
    private readonly out: Output,
    /** A packet has one line, whatever tcpdump breaks it into. */
    private readonly oneLine = false,
  ) {
    const needs = cluster === undefined ? clusterOption(options) : undefined;
    if (needs !== undefined)
      throw new UserError({
        message: `${needs} needs to know the cluster that the packets are from`,
        hint: '--cluster PATH, WIRELAY_CLUSTER, or a wirelay.yaml here; --cluster demo for the embedded demo',
      });
    this.view = cluster === undefined ? undefined : clusterView(cluster);
    this.inner = options.inner.map((text) => innerTest(text, cluster));
    this.tests = clusterTests(options, this.view);
    this.ports = portsOf(options, cluster);
  }

  /** Does the frame pass the filters among our options? */
  passes(linkType: number, b: Uint8Array, start: number, end: number, wireLength: number): boolean {
    const {inner, tests, ports} = this;
    if (inner.length === 0 && tests.length === 0) return true;
    const stack = walk(linkType, b, start, end, wireLength, ports);
    if (!inner.every((test) => test(b, stack))) return false;
    if (tests.length === 0) return true;
    const quoted = () => quotedFlow(b, stack, ports);
    const packet = {flow: flowOf(b, stack), vni: vniOf(b, stack), quoted};
    return tests.every((test) => test(packet));
  }

  /** Takes texts off the printers; undefined where they are tcpdump's own. */
  get taker(): TextTaker | undefined {
    return this.options.json || this.options.annotate || this.oneLine ? this : undefined;
  }

  begin(linkType: number): void {
    this.linkType = linkType;
    this.linkName = linkTypeText(linkType).split(' ')[0]!;
  }

  packet(text: Uint8Array, packet: TextPacket): void {
    const {view, linkType, out} = this;
    const {b, start, end, wireLength} = packet;
    const stack = walk(linkType, b, start, end, wireLength, this.ports);
    const [flow, vni] = [flowOf(b, stack), vniOf(b, stack)];
    if (this.options.json) {
      const whole = decoder.decode(text).slice(0, -1);
      out.write(`${packetJson({...packet, linkName: this.linkName, stack, flow, vni}, this.place, view, whole)}\n`);
      return;
    }
    const note = this.options.annotate && view !== undefined ? annotation(view, flow, vni) : '';
    const suffix = note === '' ? '' : `  # ${note}`;
    const whole = decoder.decode(text);
    if (this.oneLine) {
      out.write(`${this.prefix}${whole.trimEnd().replace(/\s*\n\s*/g, ' ')}${suffix}\n`);
      return;
    }
    const first = whole.indexOf('\n');
    out.write(this.prefix + whole.slice(0, first) + suffix + whole.slice(first));
  }
}

/** The well-known ports, those of --vxlan-port, and the one that the cluster's overlay is on. */
function portsOf({vxlanPorts}: OwnOptions, cluster: Cluster | undefined): TunnelPorts {
  const overlay = cluster?.dataplane === 'cilium' ? cluster.cilium : undefined;
  const own = overlay === undefined || vxlanPorts.has(overlay.tunnelPort) ? [] : [overlay.tunnelPort];
  const isGeneve = overlay?.tunnelProtocol === 'geneve';
  return tunnelPorts({vxlan: [...vxlanPorts, ...(isGeneve ? [] : own)], geneve: isGeneve ? own : []});
}
