/** The plugin in Wireshark's extcap folder: a shell script that answers what never changes, and asks us the rest. */
import {configText, dltSentence} from './extcap/config.js';
import {ALL} from './extcap/interfaces.js';

/**
 * Wireshark asks for the dialog of each interface when it starts: an answer from here takes a millisecond instead of a start of ours.
 * `command`: node and wirelay's entry. `words`: ours that were given to `install`, paths absolute.
 */
export function pluginScript(command: readonly string[], words: readonly string[]): string {
  return `#!/bin/sh
# Written by \`wirelay wireshark install\`: interfaces of a simulated cluster for Wireshark
case " $* " in
*' --capture '* | *' --extcap-interfaces '* | *' --extcap-reload-option'*) ;;
*' --extcap-dlts '*)
  printf '%s' ${quoted(dltSentence)}
  exit ;;
*' --extcap-config '*)
  case " $* " in
  *' --extcap-interface ${ALL} '* | *' --extcap-interface=${ALL} '*) printf '%s' ${quoted(configText(true))} ;;
  *) printf '%s' ${quoted(configText(false))} ;;
  esac
  exit ;;
esac
exec ${command.map(quoted).join(' ')} extcap --installed ${quoted(JSON.stringify(words))} "$@"
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
