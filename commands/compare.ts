import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

const numbers = (name: string, least: number, most: number) => async (text: string) => {
  const found = text.split(',').map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN));
  if (found.some((n) => !(n >= least && n <= most)))
    throw new Error(`${name} wants numbers from ${least} to ${most} with commas between, not ${text}`);
  return found.join(',');
};

export default class Compare extends OwnCommand {
  static override description =
    'The cluster under native routing, Geneve and VXLAN, with services by eBPF, iptables, nftables and IPVS: bytes, rules, look-ups, measured in runs';
  static override examples = [
    '<%= config.bin %> compare',
    '<%= config.bin %> compare --services 100,10000 --endpoints 10 -o json',
    '<%= config.bin %> compare --services 10,100,1000,10000,30000 -o svg > cost.svg',
  ];
  static override flags = {
    output: outputFlag(['table', 'json', 'svg'], 'format; svg plots cost against services'),
    services: Flags.string({
      default: '10,100,1000,10000',
      parse: numbers('--services', 1, 100_000),
      description: 'how many services, each number with commas between',
    }),
    endpoints: Flags.integer({default: 4, min: 1, max: 1000, description: 'endpoints of each service'}),
    mtu: Flags.string({
      default: '1500,9000',
      parse: numbers('--mtu', 1280, 65_535),
      description: 'MTUs between nodes to measure goodput at',
    }),
    samples: Flags.integer({default: 21, min: 2, max: 1000, description: 'connections at each number of services'}),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Compare);
    await this.perform(async (io) => {
      const {runCompare} = await import('../src/explain/compare/main.js');
      const {output, services, endpoints, mtu, samples} = flags;
      const list = (text: string) => [...new Set(text.split(',').map(Number))].sort((a, b) => a - b);
      const options = {services: list(services), endpoints, mtus: list(mtu), samples, output};
      return runCompare(await this.sessionOptions(flags), options, io);
    });
  }
}
