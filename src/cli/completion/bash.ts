import type { Tree, Values, Verb } from './tree.ts';

export function bashScript(tree: Tree): string {
  const valued = [
    ...new Set(
      [...tree.flags, ...tree.verbs.flatMap((verb) => verb.flags)].filter((flag) => flag.values.kind !== 'none').flatMap((f) => f.names),
    ),
  ];
  return `# bash completion of cotenant: source <(cotenant completion bash)
_cotenant() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb='' position=0 i word
  COMPREPLY=()
  # Bash splits --flag=value into three words.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${valued.join('|')}) ((i++)); [[ \${COMP_WORDS[i]-} == '=' ]] && ((i++)) ;;
      -*|=) ;;
      *) if [[ -z $verb ]]; then verb=$word; else ((position++)); fi ;;
    esac
  done
  case "$verb $prev" in
${tree.verbs.flatMap(flagCases).join('\n')}
    *' --file'|*' -f') COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then
    case $verb in
${tree.verbs.map((verb) => `      ${verb.name}) ${reply(`-W '${flagNames(verb)}'`)} ;;`).join('\n')}
      '') ${reply(`-W '${tree.flags.flatMap((flag) => flag.names).join(' ')}'`)} ;;
    esac
    return
  fi
  case "$verb $position" in
    ' 0') ${reply(`-W '${tree.verbs.map((verb) => verb.name).join(' ')}'`)} ;;
${tree.verbs.flatMap(argumentCases).join('\n')}
  esac
}
complete -F _cotenant cotenant
`;
}

function flagNames(verb: Verb): string {
  return verb.flags.flatMap((flag) => flag.names).join(' ');
}

function flagCases(verb: Verb): readonly string[] {
  return verb.flags.flatMap((flag) => {
    const given = generator(flag.values);
    if (flag.values.kind === 'any') return [`    ${flag.names.map((name) => `'${verb.name} ${name}'`).join('|')}) return ;;`];
    return given === null ? [] : [`    ${flag.names.map((name) => `'${verb.name} ${name}'`).join('|')}) ${reply(given)}; return ;;`];
  });
}

function argumentCases(verb: Verb): readonly string[] {
  return verb.arguments.flatMap((values, position) => {
    const given = generator(values);
    return given === null ? [] : [`    '${verb.name} ${position}') ${reply(given)} ;;`];
  });
}

function generator(values: Values): string | null {
  if (values.kind === 'words') return `-W '${values.words.join(' ')}'`;
  if (values.kind === 'file') return '-f';
  return values.kind === 'apps' || values.kind === 'codes' ? `-W "$(cotenant __complete ${values.kind} 2>/dev/null)"` : null;
}

function reply(how: string): string {
  return `COMPREPLY=($(compgen ${how} -- "$cur"))`;
}
