import { isDynamic } from './kinds.ts';
import { type Tree, type Values, type Verb, withBelow } from './tree.ts';

export function pwshScript(tree: Tree): string {
  const verbs = withBelow(tree).map(({ path, verb }) => ({ ...verb, name: path.join(' ') }));
  return `# PowerShell completion of cotenant: cotenant completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName cotenant -ScriptBlock {
  param($word, $ast, $position)
  $verbs = @{
${verbs.map((verb) => `    ${quote(verb.name)} = @(${flagNames(verb)})`).join('\n')}
  }
  $values = @{
${verbs.flatMap(valueLines).join('\n')}
  }
  $global = @(${tree.flags.flatMap((flag) => flag.names.map(quote)).join(', ')})
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }
  $verb = $words | Where-Object { $verbs.ContainsKey($_) } | Select-Object -First 1
  foreach ($one in $words) { if ($verbs.ContainsKey("$verb $one")) { $verb = "$verb $one" } }
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  $found = if (-not $verb) { if ($word -like '-*') { $global } else { $verbs.Keys | Where-Object { $_ -notlike '* *' } | Sort-Object } }
  elseif ($values.ContainsKey("$verb $last")) { & $values["$verb $last"] }
  elseif ($word -like '-*') { $verbs[$verb] }
  elseif ($values.ContainsKey("$verb ")) { & $values["$verb "] }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
}

function flagNames(verb: Verb): string {
  return verb.flags.flatMap((flag) => flag.names.map(quote)).join(', ');
}

// What follows a flag is under 'verb --flag', the first argument under 'verb '.
function valueLines(verb: Verb): readonly string[] {
  const flags = verb.flags.flatMap((flag) => flag.names.map((name) => [`${verb.name} ${name}`, source(flag.values)] as const));
  const first = verb.arguments[0];
  const all = first === undefined ? flags : [...flags, [`${verb.name} `, source(first)] as const];
  return all.flatMap(([key, block]) => (block === null ? [] : [`    ${quote(key)} = { ${block} }`]));
}

function source(values: Values): string | null {
  if (values.kind === 'words') return values.words.map(quote).join(', ');
  return isDynamic(values.kind) ? `cotenant __complete ${values.kind} 2>$null` : null;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
