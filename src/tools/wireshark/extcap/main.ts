/** `wirelay extcap`: what the plugin in Wireshark's folder calls. Never typed by people. */
import {closeSync} from 'node:fs';
import type {CapturePoint} from '../../../datapath/model.js';
import {capturePoints} from '../../../datapath/run/simulate.js';
import {LINKTYPE_ETHERNET} from '../../../pcap-writer/index.js';
import {frameFilter} from '../../../session/frame-filter.js';
import {createSession, openCluster, type Session} from '../../../session/session.js';
import {UserError} from '../../../term/error.js';
import type {Io, ToolMain} from '../../../term/io.js';
import {nearest} from '../../../term/nearest.js';
import {type ExtcapArguments, parseExtcap} from './argv.js';
import {capture, openFifo} from './capture.js';
import {configText, dltSentence, EVERY_NODE, nodeValues} from './config.js';
import {ALL, type ExtcapInterface, interfacesOf} from './interfaces.js';
import {sentence} from './sentences.js';

const versionSentence = sentence('extcap', {version: '1.0', display: 'wirelay: simulated overlay networks'});

export const extcapMain: ToolMain = async (argv, io) => {
  const args = parseExtcap(argv);
  const text = await answer(args, io);
  if (text !== undefined) io.stdout.write(text);
  return 0;
};

async function answer(args: ExtcapArguments, io: Io): Promise<string | undefined> {
  switch (args.ask) {
    case 'version':
      return versionSentence;
    case 'interfaces': {
      const session = await createSession(args.session, io);
      const list = interfacesOf(session, capturePoints(session.control));
      return versionSentence + list.map(({name, display}) => sentence('interface', {value: name, display})).join('');
    }
    case 'dlts':
      return dltSentence;
    case 'config':
      return configText(args.interface === ALL);
    case 'reload':
      if (args.option !== 'node') throw new UserError({message: `option ${args.option} has no choices to reload`});
      return nodeValues((await openCluster({...args.session, node: undefined}, io)).nodes.map(({name}) => name));
    case 'filter':
      return filterProblem(args.filter);
    case 'capture':
      if (args.fifo === undefined) throw new UserError({message: '--capture needs --fifo'});
      return withFifo(args.fifo, (fd) => startCapture(args, fd, io));
  }
}

/** Before all that may go wrong: a reader that nobody ever writes for waits for ever. */
async function withFifo(path: string, body: (fd: number) => Promise<void>): Promise<undefined> {
  const fd = openFifo(path);
  try {
    await body(fd);
  } finally {
    closeSync(fd);
  }
}

/** A filter is good when nothing is said about it. */
function filterProblem(text: string): string {
  try {
    if (text !== '') frameFilter(text, LINKTYPE_ETHERNET, 'capture filter');
    return '';
  } catch (error) {
    if (error instanceof UserError) return `${error.message}\n`;
    throw error;
  }
}

async function startCapture(args: ExtcapArguments, fd: number, io: Io): Promise<void> {
  const every = args.session.node === EVERY_NODE;
  const session = await createSession(every ? {...args.session, node: undefined} : args.session, io);
  const all = capturePoints(session.control);
  const list = interfacesOf(session, all);
  const chosen = list.find(({name}) => name === args.interface);
  if (!chosen) {
    const names = list.map(({name}) => name);
    const hint = nearest(args.interface ?? '', names) ?? `\`${ALL}\` reaches all of a cluster`;
    throw new UserError({message: `no interface ${args.interface ?? ''} in cluster ${session.cluster.name}`, hint});
  }
  await capture(session, pointsOf(chosen, all, session, args), fd, args);
}

function pointsOf(chosen: ExtcapInterface, all: readonly CapturePoint[], session: Session, args: ExtcapArguments) {
  if (chosen.point) {
    const {index} = chosen.point;
    return all.filter((point) => point.index === index);
  }
  const {node} = args.session;
  const placed = node === undefined || node === EVERY_NODE ? all : all.filter((point) => point.node === node);
  const {device} = args;
  const found = device === '' ? placed : placed.filter((point) => point.pod === undefined && point.device === device);
  if (found.length > 0) return found;
  const names = [...new Set(placed.filter(({pod}) => pod === undefined).map((point) => point.device))];
  throw new UserError({
    message: `no device ${device} in cluster ${session.cluster.name}`,
    hint: nearest(device, names),
  });
}
