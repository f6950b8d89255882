/** What a policy map says of its endpoint as a whole. */
import type {PolicyMap} from '../../control/model.js';

/** A direction is enforced unless the map holds the entry which lets everything pass because no policy selects the endpoint. */
export function enforced(policy: PolicyMap, direction: 'ingress' | 'egress'): boolean {
  return !policy.entries.some(
    (entry) =>
      entry.direction === direction &&
      entry.identity === 0 &&
      entry.protocol === 0 &&
      entry.portBits === 0 &&
      !entry.deny &&
      entry.origin === NO_POLICY,
  );
}

/** Origin of that entry (control/policy-map.ts). */
const NO_POLICY = 'no policy selects the endpoint';
