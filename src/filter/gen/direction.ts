/** Directions: a test of one end made into the test that the direction asks for. */
import {FilterError} from '../error.js';
import {and, type Condition, or} from './ir.js';
import type {Direction} from './qualifier.js';

/** How messages name the 802.11 directions. */
const WIRELESS: Readonly<Record<string, string>> = {
  addr1: "'addr1' and 'address1' are",
  addr2: "'addr2' and 'address2' are",
  addr3: "'addr3' and 'address3' are",
  addr4: "'addr4' and 'address4' are",
  ra: "'ra' is",
  ta: "'ta' is",
};

/** `subject` completes the message for a direction that only 802.11 has. */
export function inDirection(
  direction: Direction | undefined,
  subject: string,
  testEnd: (end: 'src' | 'dst') => Condition,
): Condition {
  switch (direction) {
    case 'src':
    case 'dst':
      return testEnd(direction);
    case 'src and dst':
      return and(testEnd('src'), testEnd('dst'));
    case 'src or dst':
    case undefined:
      return or(testEnd('src'), testEnd('dst'));
  }
  const isAddress = subject === 'Ethernet';
  const article = direction === 'ra' || direction === 'ta' ? 'a valid qualifier' : 'valid qualifiers';
  throw new FilterError(
    isAddress
      ? `${WIRELESS[direction]} only supported on 802.11 with 802.11 headers`
      : `${WIRELESS[direction]} not ${article} for ${subject}`,
  );
}
