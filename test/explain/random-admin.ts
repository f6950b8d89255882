/** Random policies of the admin tiers, with NetworkPolicies between them. */
import fc from 'fast-check';
import {networkPolicies} from './random-policies.js';

const apps = fc.constantFrom('a', 'b', 'c').map((app) => ({matchLabels: {app}}));
const pods = fc.oneof(fc.constant({}), apps);
const namespaces = fc.constantFrom({}, {matchLabels: {team: 'red'}}, {matchLabels: {team: 'blue'}});

const peer = fc.oneof(
  namespaces.map((selector) => ({namespaces: selector})),
  fc.record({podSelector: pods, namespaceSelector: namespaces}).map((both) => ({pods: both})),
);
const port = fc.constantFrom(
  {portNumber: {protocol: 'TCP', port: 8080}},
  {portRange: {protocol: 'TCP', start: 8079, end: 8081}},
  {portNumber: {protocol: 'UDP', port: 9000}},
  {namedPort: 'web'},
);

const rule = (side: 'from' | 'to', actions: readonly string[]) =>
  fc.record(
    {
      action: fc.constantFrom(...actions),
      [side]: fc.array(peer, {minLength: 1, maxLength: 2}),
      ports: fc.array(port, {minLength: 1, maxLength: 2}),
    },
    {requiredKeys: ['action', side] as never},
  );

const spec = (actions: readonly string[]) =>
  fc.record(
    {
      subject: peer,
      ingress: fc.array(rule('from', actions), {maxLength: 3}),
      egress: fc.array(rule('to', actions), {maxLength: 3}),
    },
    {requiredKeys: ['subject']},
  );

const admin = fc
  .array(spec(['Allow', 'Deny', 'Pass']), {maxLength: 3})
  .map((specs) =>
    specs.map((one, i) => ({kind: 'AdminNetworkPolicy', metadata: {name: `a${i}`}, spec: {priority: 10 - i, ...one}})),
  );
const baseline = fc
  .option(spec(['Allow', 'Deny']))
  .map((one) => (one ? [{kind: 'BaselineAdminNetworkPolicy', metadata: {name: 'default'}, spec: one}] : []));

/** All tiers together. */
export const adminPolicies = fc.tuple(admin, networkPolicies, baseline).map((tiers): object[] => tiers.flat());
