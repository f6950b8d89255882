import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override description = '`nft list …` on a node: the table of kube-proxy in nftables mode';
  static override usage = 'nft [-a] [-j] [-n] [-s] [-t] list ruleset|table|chain|set|map|tables|chains|sets|maps …';
  static override examples = [
    '<%= config.bin %> nft list ruleset',
    '<%= config.bin %> nft list map ip kube-proxy service-ips --node node2',
    '<%= config.bin %> nft -j list table ip kube-proxy',
  ];
}
