/** Events of the stream in a few words each: for packet comments, traces and explanations. */
import {formatIp, formatIpPort, type Ip} from '../wire/addr.js';
import {type DropReason, dropReasons} from './drop.js';
import type {DatapathEvent} from './model.js';

const matchNames = ['none', 'L3-Only', 'L3-L4', 'L4-Only', 'all', 'L3-Proto', 'Proto-Only'];

/** `Policy denied`, or the number of a reason that has no text. */
export function dropText(code: number): string {
  const text = Object.hasOwn(dropReasons, code) ? dropReasons[code as DropReason].text : '';
  return text || String(code);
}

/** What the event says, without its hook; undefined for a helper call, which the event after it tells better. */
export function describeEvent(event: DatapathEvent): string | undefined {
  switch (event.kind) {
    case 'trace': {
      const identities = `identity ${event.sourceIdentity}->${event.destinationIdentity}`;
      return `${event.point} (${event.reason}, ${identities})`;
    }
    case 'drop':
      return `dropped: ${dropText(event.reason)} (${event.reason}), identity ${event.sourceIdentity}->${event.destinationIdentity}`;
    case 'policy-verdict': {
      const action =
        event.verdict === 0 ? 'allow' : event.verdict > 0 ? `redirect to proxy port ${event.verdict}` : 'deny';
      return `policy ${event.direction}: ${action} (match ${matchNames[event.match] ?? event.match}, remote identity ${event.remoteIdentity})`;
    }
    case 'translate':
      return `service ${event.frontend} ${event.direction}: ${endpoint(event.from)} to ${endpoint(event.to)} (${event.cause})`;
    case 'ct':
      return `conntrack ${event.scope} ${event.change} (${event.status})`;
    case 'nat':
      return `${event.change === 'snat' ? 'SNAT' : 'reverse SNAT'}: ${endpoint(event.from)} to ${endpoint(event.to)}`;
    case 'kernel':
      return `${event.action}: ${event.text}`;
    case 'control':
      return event.text;
    case 'helper':
      return undefined;
  }
}

function endpoint({ip, port}: {readonly ip: Ip; readonly port: number}): string {
  return port === 0 ? formatIp(ip) : formatIpPort(ip, port);
}
