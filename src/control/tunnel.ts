/** Where a node has a tunnel device (pkg/datapath/tunnel). */
import type {CiliumConfig} from '../cluster/model.js';
import {hasEgressGateway} from './egress.js';

/** In tunnel mode; natively routed too where requests of DSR or packets to an egress gateway are encapsulated. */
export function hasTunnelDevice(config: CiliumConfig): boolean {
  const {routingMode, lbMode, dsrDispatch, kubeProxyReplacement} = config;
  const dsr = kubeProxyReplacement && lbMode !== 'snat' && dsrDispatch === 'geneve';
  return routingMode === 'tunnel' || dsr || hasEgressGateway(config);
}
