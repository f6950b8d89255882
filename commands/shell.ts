import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Shell extends OwnCommand {
  static override description =
    'A shell of yours ($SHELL) whose network tools see the simulated cluster, until you leave it; see also run';
  static override usage = 'shell [-f PATH] [--node NAME] [--pod [NS/]NAME]';
  static override examples = ['<%= config.bin %> shell', '<%= config.bin %> shell -f cluster.yaml --node node2'];
  static override flags = sessionFlags;

  async run(): Promise<void> {
    const {flags} = await this.parse(Shell);
    await this.perform(async (io) => {
      const [{runInSession}, {shellProgram}] = await Promise.all([
        import('../src/cli/live-session.js'),
        import('../src/cli/shell-program.js'),
      ]);
      return runInSession(await this.sessionOptions(flags), io, (session, home) => shellProgram(session, home, io));
    });
  }
}
