/** Security group rules in the virtual network: what they see, in which order they are asked, and what they remember. */
import {describe, expect, it} from 'vitest';
import type {KernelEvent} from '../../../src/datapath/model.js';
import {type Lab, pair, runLab} from './lab.js';

type Rule = Record<string, string | number>;

function under(nsg: readonly Rule[], lines: readonly string[], changes: object = {}): Lab {
  return runLab(pair({underlay: {vnet: '10.0.0.0/16', nsg: nsg as never}, ...changes}), lines);
}

function denials({events}: Lab): KernelEvent[] {
  return events.filter((event): event is KernelEvent => event.kind === 'kernel' && event.security !== undefined);
}

const deny = {priority: 100, access: 'Deny'} as const;

describe('network security group', () => {
  it('sees the outer packet of a tunnel: a denied UDP 6081 takes pods of two nodes apart, by name and node', () => {
    const lab = under(
      [{...deny, name: 'no-geneve', direction: 'Inbound', protocol: 'Udp', port: 6081}],
      ['a -> b:8080/udp'],
    );
    expect(lab.result.apps[0]).toMatchObject({sent: 1, replies: 0});
    const [event] = denials(lab);
    expect(event).toMatchObject({
      action: 'discard',
      node: 'node2',
      security: {rule: 'no-geneve', priority: 100, direction: 'Inbound', access: 'Deny'},
    });
    expect(event?.text).toMatch(/^denied by NSG rule no-geneve \(Inbound, priority 100\) of node2: UDP .*:6081$/);
    expect(lab.at('node1 eth0 out').length).toBeGreaterThan(0);
  });

  it('asks the lowest priority first, whatever the order of the definition', () => {
    const geneve = {direction: 'Inbound', protocol: 'Udp', port: 6081} as const;
    const rules = [
      {...geneve, ...deny, name: 'later', priority: 300},
      {...geneve, name: 'first', priority: 200, access: 'Allow'},
    ];
    expect(under(rules, ['a -> b:8080/udp']).result.apps[0]).toMatchObject({replies: 1});
    const turned = [{...rules[0]!, priority: 150}, rules[1]!];
    expect(under(turned, ['a -> b:8080/udp']).result.apps[0]).toMatchObject({replies: 0});
  });

  it('with any rule the default rules stand behind: the virtual network passes, strangers do not come in', () => {
    const harmless = {
      name: 'x',
      priority: 4096,
      direction: 'Inbound',
      access: 'Allow',
      protocol: 'Tcp',
      port: 9,
    } as const;
    const lab = under(
      [harmless],
      ['a -> b:8080/udp', '203.0.113.9 -> node/node1:30080/tcp', 'a -> 203.0.113.9:443/tcp'],
    );
    expect(lab.result.apps.map(({replies}) => replies)).toEqual([1, 0, 1]);
    expect(new Set(denials(lab).map(({security}) => security?.rule))).toEqual(new Set(['DenyAllInBound']));
  });

  it('opens for a load balancer as the cloud provider does', () => {
    const services = [
      {
        name: 'lb',
        type: 'LoadBalancer' as const,
        selector: {app: 'b'},
        loadBalancerIP: '198.51.100.7',
        ports: [{port: 80, targetPort: 8080}],
      },
    ];
    const harmless = {name: 'x', priority: 4096, direction: 'Inbound', access: 'Allow', port: 9} as const;
    const lab = under([harmless], ['203.0.113.9 -> 198.51.100.7:80/tcp', '203.0.113.9 -> 198.51.100.7:81/tcp'], {
      services,
    });
    expect(lab.result.apps.map(({established}) => established)).toEqual([1, 0]);
  });

  it('remembers flows: an answer needs no rule of its own, a tunnel is two flows', () => {
    const native = {cilium: {'routing-mode': 'native', 'auto-direct-node-routes': true}};
    const out = {...deny, name: 'out', direction: 'Outbound', protocol: 'Tcp'} as const;
    const allowed = [{name: 'node', priority: 200, direction: 'Inbound', access: 'Allow'}] as const;
    // node2 may open nothing by TCP itself; its answers are no openings
    const answers = [{...out, source: '10.0.0.6'}, ...allowed];
    expect(under(answers, ['node/node1 -> node/node2:22/tcp'], native).result.apps[0]).toMatchObject({established: 1});
    const geneve = [{...deny, name: 'back', direction: 'Outbound', protocol: 'Udp', port: 6081, source: '10.0.0.6'}];
    const lab = under(geneve, ['a -> b:8080/udp']);
    expect(lab.result.apps[0]).toMatchObject({replies: 0});
    expect(denials(lab)[0]).toMatchObject({node: 'node2', security: {rule: 'back', direction: 'Outbound'}});
  });

  it('decides by the first fragment, which has the ports', () => {
    const rule = {...deny, name: 'big', direction: 'Inbound', protocol: 'Udp', port: 9000} as const;
    const lab = under(
      [rule],
      ['node/node1 -> node/node2:9000/udp size=3000', 'node/node1 -> node/node2:9001/udp size=3000'],
    );
    expect(lab.result.apps.map(({refused}) => refused)).toEqual([0, 1]);
  });

  it('knows protocols and prefixes', () => {
    const icmp = {...deny, name: 'ping', direction: 'Inbound', protocol: 'Icmp', source: ['10.0.0.5']} as never;
    const lines = ['node/node1 -> node/node2/icmp', 'node/node2 -> node/node1/icmp', 'node/node1 -> node/node2:22/tcp'];
    const lab = under([icmp], lines);
    expect(lab.result.apps.map(({replies, established, refused}) => replies + established + refused > 0)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('user-defined routes', () => {
  it('take pod addresses to a node where the network does not know them', () => {
    const cilium = {'routing-mode': 'native', 'auto-direct-node-routes': false};
    const routed = (routes: {prefix: string; nextHop: string}[]) => {
      const cluster = pair({cilium, underlay: {vnet: '10.0.0.0/16', routes}});
      const [, node2] = cluster.nodes;
      return {cluster, node2};
    };
    expect(runLab(routed([]).cluster, ['a -> b:8080/udp']).result.apps[0]).toMatchObject({replies: 0});
    const both = [
      {prefix: '10.244.0.0/24', nextHop: '10.0.0.5'},
      {prefix: '10.244.1.0/24', nextHop: '10.0.0.6'},
    ];
    const lab = runLab(routed(both).cluster, ['a -> b:8080/udp']);
    expect(lab.result.apps[0]).toMatchObject({replies: 1});
  });
});
