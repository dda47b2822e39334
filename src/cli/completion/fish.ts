import { isDynamic } from './kinds.ts';
import { type Flag, type Tree, type Values, type Verb, withBelow } from './tree.ts';

export function fishScript(tree: Tree): string {
  const lines = [
    '# fish completion of cotenant: cotenant completion fish > ~/.config/fish/completions/cotenant.fish',
    'complete -c cotenant -f',
    ...tree.verbs.map((verb) => `complete -c cotenant -n __fish_use_subcommand -a ${verb.name} -d ${quote(verb.description)}`),
    ...tree.flags.map((flag) => flagLine('__fish_use_subcommand', flag)),
    ...withBelow(tree).flatMap(({ path, verb }) => verbLines(conditionOf(path, verb, tree), verb)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Two commands may have one name, of which one stands below another. */
function conditionOf(path: readonly string[], { name, below }: Verb, tree: Tree): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const above = path.length > 1 ? [] : tree.verbs.filter((verb) => verb.below.some((one) => one.name === name)).map((verb) => verb.name);
  const others = [...above, ...below.map((one) => one.name)];
  return quote([...seen, ...(others.length === 0 ? [] : [`not __fish_seen_subcommand_from ${others.join(' ')}`])].join('; and '));
}

function verbLines(condition: string, verb: Verb): readonly string[] {
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
  return isDynamic(values.kind) ? ` -a '(cotenant __complete ${values.kind} 2>/dev/null)'` : '';
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
