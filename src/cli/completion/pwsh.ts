import type { Tree, Values, Verb } from './tree.ts';

export function pwshScript(tree: Tree): string {
  return `# PowerShell completion of cotenant: cotenant completion pwsh | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName cotenant -ScriptBlock {
  param($word, $ast, $position)
  $verbs = @{
${tree.verbs.map((verb) => `    ${quote(verb.name)} = @(${flagNames(verb)})`).join('\n')}
  }
  $values = @{
${tree.verbs.flatMap(valueLines).join('\n')}
  }
  $global = @(${tree.flags.flatMap((flag) => flag.names.map(quote)).join(', ')})
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -ne '' -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }
  $verb = $words | Where-Object { $verbs.ContainsKey($_) } | Select-Object -First 1
  $last = if ($words.Count -gt 0) { $words[-1] } else { '' }
  $found = if (-not $verb) { if ($word -like '-*') { $global } else { $verbs.Keys | Sort-Object } }
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
  return values.kind === 'apps' || values.kind === 'codes' ? `cotenant __complete ${values.kind} 2>$null` : null;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
