import type { Flag, Tree, Values, Verb } from './tree.ts';

export function zshScript(tree: Tree): string {
  return `#compdef cotenant
# zsh completion of cotenant: cotenant completion zsh > "\${fpath[1]}/_cotenant"
_cotenant_apps() { compadd -- \${(f)"$(cotenant __complete apps 2>/dev/null)"} }
_cotenant_codes() { compadd -- \${(f)"$(cotenant __complete codes 2>/dev/null)"} }
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
${tree.verbs.map((verb) => `        ${verb.name}) _arguments ${specs(verb).join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _cotenant ]]; then _cotenant "$@"; else compdef _cotenant cotenant; fi
`;
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
  return values.kind === 'apps' || values.kind === 'codes' ? `_cotenant_${values.kind}` : ' ';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
