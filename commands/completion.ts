import {Args} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';

export default class Completion extends OwnCommand {
  static override description =
    'Print the completion script of a shell: commands, options, their values, and the pods, nodes, services and interfaces of the cluster';
  static override examples = [
    {description: 'bash, for this shell or in ~/.bashrc', command: 'source <(<%= config.bin %> completion bash)'},
    {
      description: 'zsh, in a folder of $fpath',
      command: '<%= config.bin %> completion zsh > ~/.zfunc/_wirelay',
    },
    {
      description: 'fish',
      command: '<%= config.bin %> completion fish > ~/.config/fish/completions/wirelay.fish',
    },
  ];
  static override args = {
    shell: Args.string({
      ignoreStdin: true,
      required: true,
      options: ['bash', 'zsh', 'fish'] as const,
      description: 'bash, zsh or fish',
    }),
  };

  async run(): Promise<void> {
    const {args} = await this.parse(Completion);
    await this.perform(async (io) => {
      const {completionScripts, shells} = await import('../src/cli/complete/scripts.js');
      const shell = shells.find((name) => name === args.shell);
      if (shell) io.stdout.write(completionScripts[shell]);
      return 0;
    });
  }
}
