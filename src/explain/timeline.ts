/**
 * `timeline`: what happens to the cluster and what its traffic sees of it, in order of time. A view of one run: changes of the
 * cluster, choices of backends, drops and losses, and what applications are told.
 */
import {describeEvent, dropText} from '../datapath/describe.js';
import type {AppEvent, DatapathEvent} from '../datapath/model.js';
import type {Session} from '../session/session.js';
import {goJson} from '../term/go-json.js';
import type {Io} from '../term/io.js';
import {sanitize} from '../term/sanitize.js';
import {formatIp, formatIpPort} from '../wire/addr.js';

interface TimelineRow {
  /** ns of virtual time. */
  readonly time: number;
  readonly kind: 'cluster' | 'service' | 'drop' | 'application';
  readonly text: string;
  /** The same thing in a row. */
  readonly count: number;
  /** Time of the last of them. */
  readonly until: number;
}

export async function runTimeline(session: Session, output: 'text' | 'json', io: Io): Promise<number> {
  const rows: TimelineRow[] = [];
  const add = (time: number, kind: TimelineRow['kind'], text: string) => {
    const at = rows.findLastIndex((row) => row.kind === 'cluster' || row.text === text);
    const same = rows[at];
    // What applications and services do at the same pace stands beside each other: a row is the same until the cluster changes.
    if (same && same.kind === kind && same.text === text && kind !== 'cluster')
      rows[at] = {...same, count: same.count + 1, until: time};
    else rows.push({time, kind, text, count: 1, until: time});
  };
  await session.run({
    observers: [
      {
        event: (event) => {
          const row = eventRow(session, event);
          if (row) add(event.time, row.kind, row.text);
        },
        app: (event) => {
          const text = appText(event);
          if (text !== undefined)
            add(event.time, 'application', `${session.traffic[event.traffic]?.text ?? ''}: ${text}`);
        },
      },
    ],
  });
  if (output === 'json') io.stdout.write(`${goJson({schemaVersion: 1, events: rows.map(rowModel)})}\n`);
  else io.stdout.write(timelineText(rows));
  return 0;
}

function eventRow(session: Session, event: DatapathEvent): {kind: TimelineRow['kind']; text: string} | undefined {
  switch (event.kind) {
    case 'control':
      return {kind: 'cluster', text: event.text};
    case 'drop':
      return {kind: 'drop', text: `${event.node} drops: ${dropText(event.reason)} (${event.reason})`};
    case 'kernel':
      return event.action === 'discard' ? {kind: 'drop', text: describeEvent(event) ?? ''} : undefined;
    case 'translate': {
      if (event.direction !== 'forward' || event.cause === 'conntrack') return undefined;
      const service = session.control
        .state(event.node)
        .services.frontends.find(({id}) => id === event.frontend)?.service;
      const name = service ? `${service.namespace}/${service.name}` : formatIpPort(event.from.ip, event.from.port);
      const cause = event.cause === 'only' ? 'the only backend' : event.cause;
      return {
        kind: 'service',
        text: `${event.node}: service ${name} takes ${formatIpPort(event.to.ip, event.to.port)} (${cause})`,
      };
    }
    default:
      return undefined;
  }
}

function appText({kind, text, from}: AppEvent): string | undefined {
  switch (kind) {
    case 'connected':
      return 'connected';
    case 'reply':
      return `answer from ${formatIp(from)}`;
    case 'timeout':
    case 'refused':
    case 'unreachable':
    case 'error':
      return text ?? kind;
    default:
      return undefined;
  }
}

const seconds = (time: number) => (time / 1e9).toFixed(3);

function rowModel({time, kind, text, count, until}: TimelineRow) {
  return {time: time / 1e9, kind, text, count, until: until / 1e9};
}

function timelineText(rows: readonly TimelineRow[]): string {
  const width = Math.max(5, ...rows.map(({time}) => seconds(time).length));
  const lines = rows.map(({time, kind, text, count, until}) => {
    const many = count > 1 ? ` ×${count}, last at ${seconds(until)}` : '';
    return `${seconds(time).padStart(width)}  ${kind === 'cluster' ? '*' : ' '} ${sanitize(text)}${many}\n`;
  });
  return lines.join('');
}
