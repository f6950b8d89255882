/** The look-alike of ipvsadm's listings over the virtual servers that kube-proxy in IPVS mode keeps on a node. */
import type {IpvsState} from '../../control/kube-proxy/ipvs/model.js';
import type {IpvsStats} from '../../datapath/rule-model.js';
import {openSession, type Session} from '../../session/session.js';
import {UserError} from '../../term/error.js';
import type {ToolMain} from '../../term/io.js';
import {IpvsadmExit, parseIpvsadm} from './argv.js';
import {ipvsText} from './print.js';

/** Connections and counters are those that the definition's traffic leaves. */
export const ipvsadmMain: ToolMain = async (argv, io) => {
  const {session, argv: words} = await openSession(argv, io);
  try {
    const command = parseIpvsadm(words);
    const families = familiesOf(session);
    const still = families.length === 0 || command.show === 'save' || command.show === 'timeout';
    const stats = still ? nothing : ((await session.run()).ipvs(session.node.name) ?? nothing);
    io.stdout.write(ipvsText(families, stats, command));
    return 0;
  } catch (error) {
    if (!(error instanceof IpvsadmExit)) throw error;
    io.stdout.write(error.stdout);
    io.stderr.write(error.stderr);
    return error.exitCode;
  }
};

function familiesOf(session: Session): readonly IpvsState[] {
  const {cluster, pod} = session;
  if (pod && !pod.hostNetwork) return [];
  const {dataplane, cilium, kubeProxy} = cluster;
  if (dataplane === 'cilium' && cilium.kubeProxyReplacement)
    throw new UserError({
      message: 'ipvsadm: there is no kube-proxy: Cilium translates services in eBPF',
      hint: 'wirelay service list, wirelay bpf lb list',
    });
  if (kubeProxy.mode !== 'ipvs')
    throw new UserError({
      message: `ipvsadm: kube-proxy runs in ${kubeProxy.mode} mode, IPVS has no virtual servers`,
      hint: kubeProxy.mode === 'nftables' ? 'wirelay nft list ruleset' : 'wirelay iptables-save',
    });
  return session.state().ipvs ?? [];
}

const none = {connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0};
const nothing: IpvsStats = {
  counters: () => none,
  rates: () => none,
  load: () => ({active: 0, inactive: 0, persistent: 0}),
  connections: () => [],
};
