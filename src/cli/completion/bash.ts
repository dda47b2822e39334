import { isDynamic } from './kinds.ts';
import { type Tree, type Values, type Verb, withBelow } from './tree.ts';

export function bashScript(tree: Tree): string {
  const verbs = withBelow(tree).map(({ path, verb }) => ({ ...verb, name: path.join(' ') }));
  const valued = [
    ...new Set(
      [...tree.flags, ...verbs.flatMap((verb) => verb.flags)].filter((flag) => flag.values.kind !== 'none').flatMap((f) => f.names),
    ),
  ];
  const nested = verbs.filter(({ name }) => name.includes(' ')).map(({ name }) => `'${name}'`);
  return `# bash completion of cotenant: source <(cotenant completion bash)
_cotenant() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb='' position=0 i word file=() before=''
  COMPREPLY=()
  # Bash splits --flag=value into three words.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -f || $word == --file ]] && file=(--file "\${COMP_WORDS[i+1]/#=/\${COMP_WORDS[i+2]-}}")
    case $word in
      ${valued.join('|')}) ((i++)); [[ \${COMP_WORDS[i]-} == '=' ]] && ((i++)) ;;
      -*|=) ;;
      *) if [[ -z $verb ]]; then verb=$word
        else case "$verb $word" in ${nested.join('|')}) verb="$verb $word" ;; *) ((position++)) ;; esac; fi ;;
    esac
  done
  # Several names of --app have commas between them.
  if [[ $prev == --app && $cur == *,* ]]; then before=\${cur%,*},; cur=\${cur##*,}; fi
  case "$verb $prev" in
${verbs.flatMap(flagCases).join('\n')}
    *' --file'|*' -f') COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then
    case $verb in
${verbs.map((verb) => `      '${verb.name}') ${reply(`-W '${flagNames(verb)}'`)} ;;`).join('\n')}
      '') ${reply(`-W '${tree.flags.flatMap((flag) => flag.names).join(' ')}'`)} ;;
    esac
    return
  fi
  case "$verb $position" in
    ' 0') ${reply(`-W '${tree.verbs.map((verb) => verb.name).join(' ')}'`)} ;;
${verbs.flatMap(argumentCases).join('\n')}
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
  return isDynamic(values.kind) ? `-W "$(cotenant "\${file[@]}" __complete ${values.kind} 2>/dev/null)"` : null;
}

function reply(how: string): string {
  return `COMPREPLY=($(compgen -P "$before" ${how} -- "$cur"))`;
}
