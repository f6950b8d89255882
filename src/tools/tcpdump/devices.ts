/** The interfaces that a capture can name at the viewpoint: -D, -i, -L, -J. */
import type {Device} from '../../control/model.js';
import type {Session} from '../../session/session.js';
import {type Arguments, Exit, failure} from './argv.js';

/** `any` is every device of the namespace at once. */
export const ANY = 'any';

/** Devices in libpcap's order: what is up first, `any` behind, then loopback, then what is down. */
function listed(devices: readonly Device[]): readonly (Device | typeof ANY)[] {
  const loopback = (device: Device) => device.kind === 'loopback';
  const up = devices.filter((d) => d.up && !loopback(d));
  return [...up, ANY, ...devices.filter((d) => d.up && loopback(d)), ...devices.filter((d) => !d.up)];
}

/** The text of -D. */
export function interfaceList(session: Session): string {
  return listed(session.netns().devices)
    .map((device, i) => {
      if (device === ANY) return `${i + 1}.any (Pseudo-device that captures on all interfaces) [Up, Running]\n`;
      const state =
        device.kind === 'loopback' ? 'Up, Running, Loopback' : device.up ? 'Up, Running, Connected' : 'none';
      return `${i + 1}.${device.name} [${device.up ? state : `${state}, Disconnected`}]\n`;
    })
    .join('');
}

/** -i: by name, by alternative name, by number in -D's list; the first of that list without it. */
export function chooseDevice(session: Session, args: Arguments): Device | typeof ANY {
  const devices = session.netns().devices;
  const wanted = args.device;
  if (wanted === undefined) return listed(devices)[0]!;
  if (wanted === ANY) return ANY;
  const found = devices.find((d) => d.name === wanted || d.altnames.includes(wanted));
  if (found) return found;
  if (!/^\d+$/.test(wanted) || Number(wanted) === 0) {
    throw new Exit(1, `tcpdump: ${wanted}: No such device exists\n(No such device exists)\n`);
  }
  const numbered = listed(devices)[Number(wanted) - 1];
  if (numbered === undefined) throw failure('Invalid adapter index');
  return numbered;
}

/** -L and -J, which print to stderr in this version. */
export function abilities(name: string, which: 'link-types' | 'time-stamp-types'): Exit {
  if (which === 'time-stamp-types')
    return new Exit(0, `Time stamp types for ${name} (use option -j to set):\n  host (Host)\n`);
  const types = name === ANY ? '  LINUX_SLL2 (Linux cooked v2)\n' : '  EN10MB (Ethernet)\n';
  return new Exit(0, `Data link types for ${name} (use option -y to set):\n${types}`);
}
