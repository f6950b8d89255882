import type {NftTable} from '../../../src/control/kube-proxy/nft/model.js';
import {parseNft} from '../../../src/tools/nft/argv.js';
import {choose, nftText} from '../../../src/tools/nft/main.js';

/** What `nft LINE` prints of these tables, as they have just been installed. */
export function listed(tables: readonly NftTable[], line: string): string {
  const command = parseNft(line.split(' ').filter(Boolean));
  const chosen = command.lists.map((list) => choose(tables, list, command.line));
  return nftText(command, chosen, () => []);
}
