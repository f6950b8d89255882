import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Timeline extends OwnCommand {
  static override description =
    'What happens to the cluster while traffic runs, and what the traffic sees of it, in order of time';
  static override examples = [
    "<%= config.bin %> timeline --traffic 'pod-a -> my-svc:80/tcp keep x6 every=1s' --event 'at=2.5s restart pod-b'",
    "<%= config.bin %> timeline -f cluster.yaml --event 'at=10s down node2' -o json",
  ];
  static override flags = {
    output: outputFlag(['text', 'json']),
    ...sessionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Timeline);
    await this.performInSession(flags, async (session, io) => {
      const {runTimeline} = await import('../src/explain/timeline.js');
      return runTimeline(session, flags.output, io);
    });
  }
}
