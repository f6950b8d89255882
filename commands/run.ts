import {Args} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Run extends OwnCommand {
  static override description =
    'Run a command whose network tools (kubectl, cilium, ip, tcpdump, ping, curl…) see the simulated cluster; everything else is the machine’s';
  static override usage = 'run [-f PATH] [--node NAME] [--pod [NS/]NAME] -- COMMAND…';
  static override examples = [
    '<%= config.bin %> run -- bash runbook.sh',
    "<%= config.bin %> run -f cluster.yaml --node node2 -- bash -c 'tcpdump -c 4 -i eth0 & ping -c 2 10.96.10.50; wait'",
  ];
  static override strict = false;
  static override args = {
    command: Args.string({ignoreStdin: true, required: true, description: 'command and its arguments, behind --'}),
  };
  static override flags = sessionFlags;

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Run);
    await this.perform(async (io) => {
      const {runInSession} = await import('../src/cli/live-session.js');
      return runInSession(await this.sessionOptions(flags), io, () => ({words: argv.map(String), env: {}}));
    });
  }
}
