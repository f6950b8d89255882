import {RawCommand} from '../src/cli/raw-command.js';

export default class extends RawCommand {
  static override hidden = true;
  static override summary = 'What the plugin of `wirelay wireshark install` calls for Wireshark';
  static override usage =
    'extcap --extcap-interfaces | --extcap-interface NAME (--extcap-dlts | --extcap-config | --capture --fifo PIPE)';
}
