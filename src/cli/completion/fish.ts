import type { Flag, Tree, Values, Verb } from './tree.ts';

export function fishScript(tree: Tree): string {
  const lines = [
    '# fish completion of cotenant: cotenant completion fish > ~/.config/fish/completions/cotenant.fish',
    'complete -c cotenant -f',
    ...tree.verbs.map((verb) => `complete -c cotenant -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.description)}`),
    ...tree.flags.map((flag) => flagLine('__fish_use_subcommand', flag)),
    ...tree.verbs.flatMap(verbLines),
  ];
  return `${lines.join('\n')}\n`;
}

function verbLines(verb: Verb): readonly string[] {
  const condition = quote(`__fish_seen_subcommand_from ${verb.name}`);
  const values = verb.arguments[0];
  const first = values === undefined ? '' : source(values);
  return [
    ...(first === '' ? [] : [`complete -c cotenant -n ${condition}${first}`]),
    ...verb.flags.map((flag) => flagLine(condition, flag)),
  ];
}

function flagLine(condition: string, flag: Flag): string {
  const names = flag.names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('');
  const values = flag.values.kind === 'none' ? '' : ` -r${source(flag.values)}`;
  return `complete -c cotenant -n ${condition}${names}${values} -d ${quote(flag.description)}`;
}

function source(values: Values): string {
  if (values.kind === 'words') return ` -a ${quote(values.words.join(' '))}`;
  if (values.kind === 'file') return ' -F';
  return values.kind === 'apps' || values.kind === 'codes' ? ` -a '(cotenant __complete ${values.kind} 2>/dev/null)'` : '';
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
