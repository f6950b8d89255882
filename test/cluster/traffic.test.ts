import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {Cluster, Peer} from '../../src/cluster/model.js';
import {parseTraffic} from '../../src/cluster/traffic.js';
import {formatIp} from '../../src/wire/addr.js';
import {errorText, loadSpec} from './load-input.js';

const cluster: Cluster = await loadSpec({
  dns: false,
  podCIDR: ['10.244.0.0/16', 'fd00:10:244::/56'],
  serviceCIDR: ['10.96.0.0/12', 'fd00:96::/112'],
  nodes: 2,
  pods: [
    {name: 'pod-a'},
    {name: 'pod-b', ports: ['http:8080', '53/UDP']},
    {name: 'pod-a', namespace: 'shop'},
    {name: 'only', namespace: 'shop'},
    {name: 'twin', namespace: 'x'},
    {name: 'twin', namespace: 'y'},
    {name: 'both'},
    {name: 'node1', namespace: 'shop'},
  ],
  services: [
    {name: 'my-svc', selector: {app: 'x'}, ports: ['80:8080']},
    {name: 'both', ports: [80]},
    {
      name: 'multi',
      namespace: 'shop',
      ports: [
        {name: 'web', port: 80},
        {name: 'dns', port: 53, protocol: 'UDP'},
      ],
    },
  ],
});

function short(peer: Peer): string {
  switch (peer.kind) {
    case 'pod':
      return `pod ${peer.pod.namespace}/${peer.pod.name}`;
    case 'node':
      return `node ${peer.node.name}`;
    case 'service':
      return `svc ${peer.service.namespace}/${peer.service.name}${peer.dnsName ? ` (${peer.dnsName})` : ''}`;
    case 'ip':
      return formatIp(peer.ip);
    case 'name':
      return `name ${peer.name}`;
  }
}

function read(text: string): string {
  const {from, to, protocol, port} = parseTraffic(text, cluster);
  return `${short(from)} | ${short(to)} | ${protocol}${port === undefined ? '' : ` ${port}`}`;
}

describe('ends', () => {
  it.each([
    ['pod-a -> pod-b', 'pod default/pod-a | pod default/pod-b | icmp'],
    ['pod-a->pod-b', 'pod default/pod-a | pod default/pod-b | icmp'],
    ['pod-a → shop/pod-a', 'pod default/pod-a | pod shop/pod-a | icmp'],
    ['only to pod-b', 'pod shop/only | pod default/pod-b | icmp'],
    ['node1 -> node/node2', 'POD'],
    ['node2 -> node/node1/icmp', 'node node2 | node node1 | icmp'],
    ['pod-a -> node/node2:30080', 'pod default/pod-a | node node2 | tcp 30080'],
    ['pod-a -> pod/pod-b/icmp', 'pod default/pod-a | pod default/pod-b | icmp'],
    ['pod-a -> pod/shop/pod-a:80/tcp', 'pod default/pod-a | pod shop/pod-a | tcp 80'],
    ['pod-a -> svc/both', 'pod default/pod-a | svc default/both | icmp'],
    ['pod-a -> my-svc:80/http', 'pod default/pod-a | svc default/my-svc | http 80'],
    ['pod-a -> default/my-svc:80/udp', 'pod default/pod-a | svc default/my-svc | udp 80'],
    ['pod-a -> default/my-svc', 'pod default/pod-a | svc default/my-svc | icmp'],
    [
      'pod-a -> my-svc.default.svc.cluster.local:80/http',
      'pod default/pod-a | svc default/my-svc (my-svc.default.svc.cluster.local) | http 80',
    ],
    ['pod-a -> my-svc.default:80', 'pod default/pod-a | svc default/my-svc (my-svc.default) | tcp 80'],
    ['pod-a -> multi.shop.svc./http', 'pod default/pod-a | svc shop/multi (multi.shop.svc) | http 80'],
    ['203.0.113.9 -> node2:30080/tcp', '203.0.113.9 | node node2 | tcp 30080'],
    ['pod-a -> 10.0.0.6/udp'.replace('/udp', ':9/udp'), 'pod default/pod-a | 10.0.0.6 | udp 9'],
    ['pod-a -> fd00::5', 'pod default/pod-a | fd00::5 | icmp'],
    ['pod-a -> fd00::5/icmp', 'pod default/pod-a | fd00::5 | icmp'],
    ['pod-a -> [fd00::5]:80/http', 'pod default/pod-a | fd00::5 | http 80'],
    ['[fd00::9] -> [fd00::5]', 'fd00::9 | fd00::5 | icmp'],
    ['pod-a -> example.com:443', 'pod default/pod-a | name example.com | tcp 443'],
    ['pod-a -> gone.default.svc.cluster.local/dns', 'pod default/pod-a | name gone.default.svc.cluster.local | dns 53'],
  ])('%s', (text, expected) => {
    if (expected === 'POD') expect(() => read(text)).toThrow('node1 names more than one thing');
    else expect(read(text)).toBe(expected);
  });
});

describe('ports and protocols', () => {
  it.each([
    ['pod-a -> my-svc/http', 'http 80'],
    ['pod-a -> pod-b/http', 'http 8080'],
    ['pod-a -> pod-b/udp', 'udp 53'],
    ['pod-a -> pod-b:http', 'tcp 8080'],
    ['pod-a -> multi:web', 'tcp 80'],
    ['pod-a -> multi:dns/udp', 'udp 53'],
    ['pod-a -> multi/dns', 'dns 53'],
    ['pod-a -> node2/http', 'http 80'],
    ['pod-a -> pod-b:8080/TCP', 'tcp 8080'],
  ])('%s: %s', (text, expected) => {
    expect(read(text).split(' | ')[2]).toBe(expected);
  });
});

describe('options', () => {
  it('are read in any order', () => {
    const line = "pod-a -> pod-b:8080/udp every=100ms x3 size=1400 at=1.5s data='two words'";
    expect(parseTraffic(line, cluster)).toMatchObject({
      text: line,
      count: 3,
      size: 1400,
      data: 'two words',
      at: 1_500_000_000,
      every: 100_000_000,
    });
    const plain = parseTraffic('pod-a -> pod-b', cluster);
    expect(plain).toMatchObject({count: 1, at: 0, every: 1_000_000_000});
    expect('size' in plain || 'data' in plain || 'where' in plain).toBe(false);
  });
});

describe('errors', () => {
  it.each([
    ['', 'expected FROM -> TO', 'an unquoted -> is a redirection'],
    ['pod-a -', 'no destination', 'an unquoted -> is a redirection'],
    ['pod-a', 'no destination', 'an unquoted -> is a redirection'],
    ['pod-a ->', 'no destination after the arrow', 'write it as one quoted word'],
    ['-> pod-b', 'no source before the arrow', 'write it as one quoted word'],
    ['pod-a x3 -> pod-b', 'expected one source, got "pod-a x3"', 'options stand behind'],
    ['pod-x -> pod-b', 'unknown source "pod-x"', 'did you mean'],
    ['my-svc -> pod-b', 'a service sends nothing: my-svc', 'name one of its pods'],
    ['pod-a -> my-svcc', 'unknown destination "my-svcc"', 'did you mean my-svc?'],
    ['pod-a -> shop/pod-b', 'unknown destination "shop/pod-b"', 'did you mean shop/pod-a?'],
    ['pod-a -> gone.default.svc.cluster.local:80', 'unknown destination', ''],
    ['pod-a -> 10.0.0.300', '10.0.0.300 is no IPv4 address', ''],
    ['pod-a -> twin', 'pod twin is in 2 namespaces', 'write x/twin or y/twin'],
    ['pod-a -> both', 'both names more than one thing', 'write pod/default/both or svc/default/both'],
    ['pod-a -> pod-b:80/htp', 'unknown protocol "htp"', 'did you mean http?'],
    ['pod-a -> pod-b:80/icmp', 'icmp has no ports', 'leave out the port'],
    ['pod-a -> pod-b:0', 'port 0 is not in 1 … 65535', ''],
    ['pod-a -> pod-b:65536', 'port 65536 is not in 1 … 65535', ''],
    ['pod-a -> pod-b:', 'no port behind the colon', ''],
    ['pod-a -> pod-b:htttp', 'unknown port "htttp"', 'did you mean http?'],
    ['pod-a -> node2/tcp', 'tcp needs a port', 'write node2:PORT/tcp'],
    ['pod-a -> pod-b x0', 'x0: expected a whole number from 1', ''],
    ['pod-a -> pod-b size=99999', 'size=99999: expected a whole number from 0 to 65507', ''],
    ['pod-a -> pod-b sise=3', 'unexpected "sise=3"', 'did you mean size?'],
    ['pod-a -> pod-b x2 x3', 'x is given twice', ''],
    ['pod-a -> pod-b at=soon', 'at=soon: expected a time such as 1s', ''],
    ["pod-a -> pod-b data='x", "a quote ' is not closed", ''],
  ])('%s', async (text, message, hint) => {
    const shown = await errorText(() => parseTraffic(text, cluster));
    expect(shown).toContain(`traffic ${JSON.stringify(text)}: ${message}`);
    expect(shown).toContain(hint);
  });

  it('never anything but a UserError, whatever the text', async () => {
    const word = fc.constantFrom(
      'pod-a',
      '->',
      ':',
      '/',
      '80',
      'x3',
      'tcp',
      '[',
      ']',
      'fd00::',
      ' ',
      "'",
      '=',
      'to',
      '→',
      '.',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        async (text) => {
          await errorText(() => {
            parseTraffic(text, cluster);
            return Promise.reject(new Error('fine'));
          }).catch((error: Error) => expect(error.message).toBe('fine'));
        },
      ),
      {numRuns: 500},
    );
  });
});

describe('addresses of no one host', () => {
  it.each([
    ['255.255.255.255:9/udp', 'a broadcast'],
    ['224.0.0.1', 'a multicast'],
    ['239.255.255.250:1900/udp', 'a multicast'],
    ['[ff02::1]', 'a multicast'],
    ['0.0.0.0', 'the unspecified'],
    ['[::]:80/tcp', 'the unspecified'],
  ])('%s: %s', async (to, cast) => {
    const address = to.replace(/^\[(.*)\].*$/, '$1').replace(/:\d+\/\w+$/, '');
    expect(await errorText(() => parseTraffic(`pod-a -> ${to}`, cluster))).toContain(`${address} is ${cast} address`);
  });

  it('may not send either, and what is next to them may', async () => {
    expect(await errorText(() => parseTraffic('224.0.0.5 -> pod-a', cluster))).toContain('is a multicast address');
    for (const ip of ['223.255.255.255', '240.0.0.1', '255.255.255.254', '0.0.0.1', '::1', 'fe00::1'])
      expect(read(`pod-a -> ${ip}`)).toContain(`| ${ip} |`);
  });
});
