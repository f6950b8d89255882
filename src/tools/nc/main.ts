/** `nc` as OpenBSD's netcat has it, from a pod or a node over the simulated network. */
import {openNetwork} from '../../session/network.js';
import {takeSessionOptions} from '../../session/options.js';
import {createSession} from '../../session/session.js';
import type {ToolMain} from '../../term/io.js';
import {sanitize} from '../../term/sanitize.js';
import {parseIp} from '../../wire/addr.js';
import {lookUpHost} from '../common/resolve.js';
import {helpText, NcUsage, parseNc, usageText} from './argv.js';
import {runNc} from './run.js';

export const ncMain: ToolMain = async (argv, io) => {
  const {options: sessionOptions, rest} = takeSessionOptions(argv);
  try {
    const command = parseNc(rest);
    if (command.kind === 'help') {
      io.stderr.write(helpText);
      return 0;
    }
    const {options} = command;
    const session = await createSession(sessionOptions, io);
    const network = await openNetwork(session, io);
    const {host, family, numeric} = options;
    const found =
      numeric && parseIp(host) === undefined
        ? {error: 'Name or service not known'}
        : await lookUpHost(session, network, host, family);
    if ('error' in found) throw new NcUsage(`getaddrinfo for host "${host}" port ${options.ports[0]}: ${found.error}`);
    return await runNc({network, options, ip: found.ip, io, isLive: session.simulation !== undefined});
  } catch (error) {
    if (!(error instanceof NcUsage)) throw error;
    if (error.message !== '') io.stderr.write(`nc: ${sanitize(error.message)}\n`);
    if (error.usage) io.stderr.write(usageText);
    return 1;
  }
};
