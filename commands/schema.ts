import {Args} from '@oclif/core';
import {OwnCommand} from '../src/cli/own-command.js';

export default class Schema extends OwnCommand {
  static override description = 'Print the JSON Schema of the cluster definition or of a test case, for editors and CI';
  static override examples = ['<%= config.bin %> schema > wirelay.schema.json', '<%= config.bin %> schema case'];
  static override args = {
    document: Args.string({
      ignoreStdin: true,
      options: ['cluster', 'case'],
      default: 'cluster',
      description: 'which kind of document',
    }),
  };

  async run(): Promise<void> {
    const {args} = await this.parse(Schema);
    await this.perform(async (io) => {
      const {caseJsonSchema, jsonSchema} = await import('../src/cluster/schema.js');
      io.stdout.write(`${JSON.stringify(args.document === 'case' ? caseJsonSchema() : jsonSchema(), null, 2)}\n`);
      return 0;
    });
  }
}
