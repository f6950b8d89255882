/** The addresses of a namespace, behind a memory of the one asked for last: most packets are for the same as those before. */
import type {Ip} from '../../wire/addr.js';

export class AddressSet implements Iterable<Ip> {
  private readonly all = new Set<Ip>();
  private last: Ip | undefined;

  has(ip: Ip): boolean {
    if (ip === this.last) return true;
    if (!this.all.has(ip)) return false;
    this.last = ip;
    return true;
  }

  add(ip: Ip): void {
    this.all.add(ip);
  }

  [Symbol.iterator](): Iterator<Ip> {
    return this.all.values();
  }
}
