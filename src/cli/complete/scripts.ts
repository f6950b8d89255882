/**
 * What `wirelay completion SHELL` prints. The scripts hold no names of commands or options: they ask `wirelay __complete` at
 * each TAB. In a session they serve the look-alikes under their own names too.
 */
import {launchers} from '../tools.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

const own = launchers.join(' ');

/** For bash from 3.2: nothing of the bash-completion package is needed. */
const bash = `# bash completion for wirelay:  source <(wirelay completion bash)
_wirelay()
{
    local rest="$COMP_LINE" word line head cur i n=0
    local -a words
    COMPREPLY=()
    # bash has split the words at : and = too; put them together again
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word="\${COMP_WORDS[i]}"
        if [[ $n -gt 0 && $rest != [[:space:]]* ]]; then
            words[n-1]+="$word"
        else
            rest="\${rest#"\${rest%%[![:space:]]*}"}"
            words[n++]="$word"
        fi
        rest="\${rest#"$word"}"
    done
    # what stands behind the cursor is not typed yet
    i=$(( \${#COMP_LINE} - \${#rest} - COMP_POINT ))
    cur="\${words[n-1]}"
    if (( i > 0 && i <= \${#cur} )); then
        cur="\${cur:0:\${#cur}-i}"
        words[n-1]="$cur"
    fi
    word="\${words[0]##*/}"
    if [[ $word != wirelay && $word != kubectl-wirelay ]]; then
        words=(wirelay "$word" "\${words[@]:1}")
    fi
    # readline replaces what is behind the last of : and = only
    head=
    [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]] && head="\${cur%"\${cur##*:}"}"
    [[ $COMP_WORDBREAKS == *=* && $cur == *=* && \${#head} -lt \${#cur} ]] && {
        line="\${cur%"\${cur##*=}"}"
        (( \${#line} > \${#head} )) && head="$line"
    }
    while IFS= read -r line; do
        if [[ $line == :file ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${cur#"$head"}")
        else
            [[ $line == *[=/:] ]] && compopt -o nospace 2>/dev/null
            COMPREPLY+=("\${line#"$head"}")
        fi
    done < <(command wirelay __complete bash -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _wirelay wirelay kubectl-wirelay
if [ -n "\${WIRELAY_SESSION-}" ]; then
    complete -F _wirelay ${own}
fi
`;

const zsh = `#compdef wirelay kubectl-wirelay
# zsh completion for wirelay: into a folder of $fpath as _wirelay, or  source <(wirelay completion zsh)
_wirelay()
{
    local line word text
    local -a all words_ plain shown open openshown
    words_=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
    word="\${words[1]:t}"
    [[ $word != wirelay && $word != kubectl-wirelay ]] && words_=("$word" "$words_[@]")
    all=("\${(@f)$(command wirelay __complete zsh -- "$words_[@]" 2>/dev/null)}")
    for line in "$all[@]"; do
        [[ -z $line ]] && continue
        if [[ $line == :file ]]; then
            compset -P '--*='
            _files
            continue
        fi
        word="\${line%%$'\\t'*}"
        text="$word"
        [[ $line == *$'\\t'* ]] && text="$word  -- \${line#*$'\\t'}"
        if [[ $word == *[=/:] ]]; then
            open+=("$word")
            openshown+=("$text")
        else
            plain+=("$word")
            shown+=("$text")
        fi
    done
    (( $#plain )) && compadd -l -d shown -a plain
    (( $#open )) && compadd -S '' -l -d openshown -a open
    return $(( $compstate[nmatches] == 0 ))
}
if [[ $funcstack[1] == _wirelay ]]; then
    _wirelay "$@"
elif (( $+functions[compdef] )); then
    compdef _wirelay wirelay kubectl-wirelay
    [[ -n \${WIRELAY_SESSION-} ]] && compdef _wirelay ${own}
    true
fi
`;

const fish = `# fish completion for wirelay:  wirelay completion fish | source
function __wirelay_words
    set -l words (commandline -opc)
    set -l name (path basename -- $words[1] 2>/dev/null; or basename -- $words[1])
    if contains -- $name wirelay kubectl-wirelay
        set -e words[1]
    else
        set words[1] $name
    end
    for line in (command wirelay __complete fish -- $words (commandline -ct) 2>/dev/null)
        if test "$line" = :file
            __fish_complete_path (commandline -ct)
        else
            echo -- $line
        end
    end
end
complete -c wirelay -f -a '(__wirelay_words)'
complete -c kubectl-wirelay -f -a '(__wirelay_words)'
if set -q WIRELAY_SESSION
    for name in ${own}
        complete -c $name -f -a '(__wirelay_words)'
    end
end
`;

export const completionScripts: Readonly<Record<Shell, string>> = {bash, zsh, fish};
