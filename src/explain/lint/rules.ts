/** All rules, in the order in which they are listed. One place to add: a row in the table of its subject. */
import type {Rule} from './model.js';
import {aksRules} from './rules-aks.js';
import {cidrRules} from './rules-cidr.js';
import {configRules} from './rules-config.js';
import {mtuRules} from './rules-mtu.js';
import {nsgRules} from './rules-nsg.js';
import {policyRules} from './rules-policy.js';
import {referenceRules} from './rules-references.js';
import {serviceRules} from './rules-services.js';

export const rules: readonly Rule[] = [
  ...cidrRules,
  ...mtuRules,
  ...nsgRules,
  ...serviceRules,
  ...policyRules,
  ...aksRules,
  ...configRules,
  // last: what the loader says and no other rule stands for
  ...referenceRules,
];

/** Rules whose id is one of these or begins with one. Undefined: no rule does. */
export function rulesNamed(prefix: string): readonly Rule[] | undefined {
  const wanted = prefix.toUpperCase();
  const found = rules.filter(({id}) => id === wanted || id.startsWith(wanted.endsWith('-') ? wanted : `${wanted}-`));
  return found.length > 0 ? found : undefined;
}
