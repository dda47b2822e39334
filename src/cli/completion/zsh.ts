import { dynamicKinds, isDynamic } from './kinds.ts';
import type { Flag, Tree, Values, Verb } from './tree.ts';

export function zshScript(tree: Tree): string {
  return `#compdef cotenant
# zsh completion of cotenant: cotenant completion zsh > "\${fpath[1]}/_cotenant"
${dynamicKinds.map((kind) => `_cotenant_${kind}() { compadd -- \${(f)"$(cotenant __complete ${kind} 2>/dev/null)"} }`).join('\n')}
_cotenant() {
  local curcontext=$curcontext state line
  local -a verbs
  verbs=(
${tree.verbs.map((verb) => `    ${quote(`${verb.name}:${verb.description}`)}`).join('\n')}
  )
  _arguments -C ${tree.flags.flatMap(flagSpecs).join(' ')} '1:command:->verb' '*::argument:->rest'
  case $state in
    verb) _describe command verbs ;;
    rest)
      case $line[1] in
${tree.verbs.map(verbCase).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _cotenant ]]; then _cotenant "$@"; else compdef _cotenant cotenant; fi
`;
}

function verbCase(verb: Verb): string {
  if (verb.below.length === 0) return `        ${verb.name}) _arguments ${specs(verb).join(' ')} ;;`;
  const words = quote(`1:command:(${verb.below.map(({ name }) => name).join(' ')})`);
  return `        ${verb.name})
          _arguments -C ${verb.flags.flatMap(flagSpecs).join(' ')} ${words} '*::argument:->below'
          case $line[1] in
${verb.below.map((one) => `            ${one.name}) _arguments ${specs(one).join(' ')} ;;`).join('\n')}
          esac ;;`;
}

function specs(verb: Verb): readonly string[] {
  const positions = verb.arguments.map((values, i) => quote(`${i + 1}:argument:${action(values)}`));
  return [...verb.flags.flatMap(flagSpecs), ...positions];
}

function flagSpecs(flag: Flag): readonly string[] {
  const about = `[${flag.description.replace(/[[\]:]/g, '\\$&')}]`;
  return flag.names.map((name) => {
    if (flag.values.kind === 'none') return quote(`${name}${about}`);
    return quote(`*${name}${name.startsWith('--') ? '=' : '+'}${about}:value:${action(flag.values)}`);
  });
}

function action(values: Values): string {
  if (values.kind === 'words') return `(${values.words.join(' ')})`;
  if (values.kind === 'file') return '_files';
  return isDynamic(values.kind) ? `_cotenant_${values.kind}` : ' ';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
