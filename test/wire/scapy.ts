/** Bytes from another implementation: scapy expressions, built in one run of Python. */
import {execFileSync} from 'node:child_process';
import {fromHex} from '../../src/wire/index.js';

const PRELUDE = `
import sys, json, logging
logging.getLogger('scapy').setLevel(logging.ERROR)
from scapy.all import *
from scapy.contrib.geneve import GENEVE, GeneveOptions
E = Ether(dst='02:00:00:00:00:02', src='02:00:00:00:00:01')
I = IP(src='10.0.0.5', dst='10.0.0.6', id=7)
S = IPv6(src='fd00::1', dst='fd00::2')
print(json.dumps({k: bytes(eval(v)).hex() for k, v in json.load(sys.stdin).items()}))
`;

/** Expressions over `E`, `I` and `S` (Ethernet, IPv4 and IPv6 between fixed addresses) → their bytes. */
export function scapyBytes<K extends string>(expressions: Record<K, string>): Record<K, Uint8Array> {
  const out = execFileSync('/usr/bin/python3', ['-c', PRELUDE], {
    input: JSON.stringify(expressions),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const hex = JSON.parse(out) as Record<K, string>;
  return Object.fromEntries(Object.entries<string>(hex).map(([k, v]) => [k, fromHex(v)])) as Record<K, Uint8Array>;
}
