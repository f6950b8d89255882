import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {colorFlag, outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Test extends OwnCommand {
  static override description =
    'Hold clusters against expectations: reachability, policies, addresses, tunnels, MTU, shares, frames, output of commands (exit 1: some fail, 2: some make no sense)';
  static override examples = [
    '<%= config.bin %> test cases/',
    '<%= config.bin %> test -f manifests/ --junit-file report.xml',
    '<%= config.bin %> test cases/ --filter dns --fail-fast --set spec.cilium.tunnel-protocol=vxlan',
    '<%= config.bin %> test cases/ -o github',
    '<%= config.bin %> test cases/web.yaml --update',
  ];
  static override strict = false;
  static override args = {
    path: Args.string({
      ignoreStdin: true,
      description: 'files and folders with cases, - for stdin; default: this folder, or the definition of --cluster',
    }),
  };
  static override flags = {
    output: outputFlag(['text', 'tap', 'junit', 'json', 'github', 'sarif']),
    'junit-file': Flags.string({description: 'write a JUnit report to this file as well', helpValue: 'FILE'}),
    filter: Flags.string({
      char: 'k',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only expectations whose file or name contains this; several: any of them',
      helpValue: 'TEXT',
    }),
    'fail-fast': Flags.boolean({description: 'end at the first that does not hold'}),
    update: Flags.boolean({
      description: 'write what happened into the files in place of what was expected, where that differs',
      exclusive: ['watch'],
    }),
    watch: Flags.boolean({description: 'run again whenever a file changes, until Ctrl-C'}),
    trace: Flags.boolean({description: 'show the trace of every flow, with all lookups, also of those that hold'}),
    color: colorFlag,
    cluster: sessionFlags.cluster,
    set: sessionFlags.set,
    seed: sessionFlags.seed,
  };

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Test);
    await this.perform(async (io) => {
      const [{runTest}, {startTool}, {UserError}] = await Promise.all([
        import('../src/explain/test/main.js'),
        import('../src/cli/start-tool.js'),
        import('../src/term/error.js'),
      ]);
      const {output, watch, update, trace, color, filter = []} = flags;
      const paths = argv.map(String);
      const flag = paths.find((path) => path.startsWith('-') && path !== '-');
      if (flag !== undefined) throw new UserError({message: `unknown flag ${flag}`, hint: 'wirelay test --help'});
      if (watch && (output !== 'text' || paths.includes('-')))
        throw new UserError({
          message: '--watch is for files, and for text',
          hint: 'leave out -o, name files or folders',
        });
      if (trace && output !== 'text') throw new UserError({message: '--trace is for -o text'});
      const {cluster, set, seed} = await this.sessionOptions(flags);
      return runTest(
        {
          paths,
          cluster,
          set,
          seed,
          output,
          update,
          watch,
          trace,
          filter,
          failFast: flags['fail-fast'],
          junitFile: flags['junit-file'],
          color: color === 'auto' ? io.color : color === 'always',
          start: startTool,
        },
        io,
      );
    });
  }
}
