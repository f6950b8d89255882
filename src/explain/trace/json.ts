/** A trace as JSON: the model with its addresses, positions and bytes as text. */
import type {SourcePosition} from '../../term/error.js';
import {formatIp} from '../../wire/addr.js';
import {toHex} from '../../wire/bytes.js';
import type {Hop, Trace} from './model.js';

export function traceJson(trace: Trace, packets: boolean) {
  const {spec, hops, cause, policy, permitted, packets: _ends, confirm, ...rest} = trace;
  return {
    schemaVersion: 1,
    ...rest,
    protocol: spec.protocol,
    port: spec.port ?? null,
    permitted,
    cause: cause ? {...cause, ...(cause.where ? {where: plain(cause.where)} : {})} : null,
    client: rest.client ?? null,
    policy: policy.map((decider) => ({
      ...decider,
      policy: decider.policy ?? null,
      rule: decider.rule ?? null,
      ...(decider.where ? {where: plain(decider.where)} : {}),
    })),
    hops: hops.map((hop) => hopJson(hop, packets)),
    confirm: confirm.map((one) => ({...one, node: one.node ?? null})),
  };
}

function hopJson({point: _point, frame, node, hook, pod, ...hop}: Hop, packets: boolean) {
  return {
    ...hop,
    node: node === '' ? null : node,
    pod: pod ?? null,
    hook: hook ?? null,
    end: hop.end ?? null,
    direction: hop.direction ?? null,
    decisions: hop.decisions.map(({remote, ...one}) => ({
      ...one,
      ...(remote === undefined ? {} : {remote: formatIp(remote)}),
    })),
    lookups: hop.lookups.map((one) => ({...one, value: one.value ?? null})),
    length: frame?.length ?? null,
    ...(packets && frame ? {frame: toHex(frame)} : {}),
  };
}

function plain({file, line, column}: SourcePosition): SourcePosition {
  return {file, ...(line === undefined ? {} : {line}), ...(column === undefined ? {} : {column})};
}
