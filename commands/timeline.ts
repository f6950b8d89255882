import {Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {sessionFlags} from '../src/cli/session-flags.js';

export default class Timeline extends OwnCommand {
  static override description =
    'What happens to the cluster while traffic runs, and what the traffic sees of it, in order of time';
  static override examples = [
    "<%= config.bin %> timeline --traffic 'pod-a -> my-svc:80/tcp keep x6 every=1s' --event 'at=2.5s restart pod-b'",
    "<%= config.bin %> timeline -f cluster.yaml --event 'at=10s down node2' -o json",
  ];
  static override flags = {
    output: Flags.option({
      char: 'o',
      options: ['text', 'json'] as const,
      default: 'text' as const,
      description: 'format',
    })(),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Timeline);
    await this.perform(async (io) => {
      const [{createSession}, {runTimeline}] = await Promise.all([
        import('../src/session/session.js'),
        import('../src/explain/timeline.js'),
      ]);
      return runTimeline(await createSession(await this.sessionOptions(flags), io), flags.output, io);
    });
  }
}
