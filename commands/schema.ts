import {OwnCommand} from '../src/cli/own-command.js';

export default class Schema extends OwnCommand {
  static override description = 'Print the JSON Schema of the cluster definition, for editors and CI';
  static override examples = ['<%= config.bin %> schema > wirelay.schema.json'];

  async run(): Promise<void> {
    await this.parse(Schema);
    await this.perform(async (io) => {
      const {jsonSchema} = await import('../src/cluster/schema.js');
      io.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
      return 0;
    });
  }
}
