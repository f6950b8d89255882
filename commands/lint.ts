import {Args, Flags} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';
import {outputFlag, sessionFlags} from '../src/cli/session-flags.js';

export default class Lint extends OwnCommand {
  static override description =
    'What is wrong or dangerous in a definition: ranges, MTU, security rules, services, policies, limits of AKS (exit 1: findings)';
  static override examples = [
    '<%= config.bin %> lint -f manifests/',
    '<%= config.bin %> lint manifests/ cluster.yaml --fail-on error -o sarif > lint.sarif',
    '<%= config.bin %> lint --select WL-AKS,WL-CIDR --platform aks',
    '<%= config.bin %> lint --diff -f cilium-config.yaml',
    '<%= config.bin %> lint --explain WL-MTU-001',
  ];
  static override strict = false;
  static override args = {
    path: Args.string({
      ignoreStdin: true,
      description: 'file, folder, archive or - (stdin), as -f takes it; several are one cluster',
    }),
  };
  static override flags = {
    output: outputFlag(['text', 'json', 'sarif', 'github']),
    select: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ID,…',
      description: 'only these rules, by id or beginning of an id',
    }),
    ignore: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'ID,…',
      description: 'all but these rules',
    }),
    'fail-on': Flags.option({
      options: ['error', 'warning', 'info'] as const,
      default: 'warning' as const,
      description: 'findings that make the exit code 1: of this weight and above',
    })(),
    platform: Flags.option({
      options: ['aks', 'azure', 'other'] as const,
      description: 'whose limits count (default: aks or azure where the definition says so)',
    })(),
    fix: Flags.boolean({description: 'mend in place what is safe to mend', exclusive: ['diff']}),
    diff: Flags.boolean({description: 'show what --fix would change, and change nothing', exclusive: ['output']}),
    'list-rules': Flags.boolean({
      description: 'list the rules (text or json)',
      exclusive: ['fix', 'diff', 'explain', 'select', 'ignore'],
    }),
    explain: Flags.string({
      helpValue: 'ID',
      description: 'one rule: why, what to do, and what it rests on',
      exclusive: ['fix', 'diff', 'output', 'select', 'ignore'],
    }),
    cluster: sessionFlags.cluster,
    nodes: sessionFlags.nodes,
    set: sessionFlags.set,
    seed: sessionFlags.seed,
  };

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Lint);
    await this.perform(async (io) => {
      const {explain, listRules, runLint} = await import('../src/explain/lint/main.js');
      if (flags.explain !== undefined) return explain(flags.explain, io);
      if (flags['list-rules']) return listRules(flags.output, io);
      const paths = argv.filter((word): word is string => typeof word === 'string');
      const {select = [], ignore = [], output, platform, fix, diff} = flags;
      const session = await this.sessionOptions({...flags, cluster: [...(flags.cluster ?? []), ...paths]});
      return runLint({session, output, select, ignore, failOn: flags['fail-on'], platform, fix, diff}, io);
    });
  }
}
