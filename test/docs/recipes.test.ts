import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Recipe, recipeNamed, recipeNames, type RecipePart } from '../../src/recipes/index.ts';
import { clients } from '../clients/catalog.ts';
import { rowsOnPage } from '../clients/table.ts';
import { checkout } from '../support/places.ts';

const recipes = await Promise.all(recipeNames.map(async (name) => ({ name, recipe: await known(name) })));

async function known(name: string): Promise<Recipe> {
  const recipe = await recipeNamed(name);
  if (recipe === null) throw new Error(`there is a recipe ${name}`);
  return recipe;
}

const code = (text: string): string => `\`${text}\``;

function fieldsOf({ placement = {}, levels = {} }: RecipePart): string {
  const shown = (fields: Readonly<Record<string, unknown>>): readonly string[] =>
    Object.entries(fields).map(([field, value]) => code(`${field}: ${JSON.stringify(value)}`));
  const at = Object.entries(levels).map(([level, fields]) => `at level ${level} ${shown(fields).join(', ')}`);
  return [...shown(placement), ...at].join('; ');
}

/** Of each version that was run, the rows of docs/clients.md. */
function triedOf({ tried, untried = '' }: Recipe): string {
  const rows = rowsOnPage().filter(({ client }) => tried.includes(client));
  const told = rows.map(
    ({ client, versions, server, level, result, date }) =>
      `${client} (${versions}) on ${server}, ${level}: ${result.split(':')[0]} (${date})`,
  );
  return tried.length === 0 ? `no test runs it: ${untried}` : told.join('; ');
}

function page(): string {
  const sections = recipes.map(({ name, recipe }) => {
    const rows = Object.entries(recipe.on).map(([engine, part]) => {
      const names = Object.entries(part.env ?? {}).map(
        ([variable, value]) => `${code(variable)} = ${typeof value === 'string' ? code(value) : code(JSON.stringify(value.value))}`,
      );
      return `| ${engine} | ${fieldsOf(part)} | ${names.join(', ')} |`;
    });
    return [
      `## ${recipe.title}`,
      '',
      `\`recipe: ${name}\``,
      '',
      '| server | its placement gets | variables |',
      '|---|---|---|',
      ...rows,
      '',
      ...recipe.hints.map((hint) => `- ${hint}`),
      ...(recipe.hints.length > 0 ? [''] : []),
      `Tried: ${triedOf(recipe)}.`,
      '',
    ].join('\n');
  });
  return `# Recipes

What cotenant knows of real applications: the variables that each reads, and what its placement needs. \`recipe: NAME\` under an app in the manifest gives it both; what the manifest says itself comes first, lists are put together. \`cotenant env APP --for NAME\` prints the variables without an edit of the manifest, and says what else the application needs.

\`\`\`yaml
apps:
  directus:
    recipe: directus
    uses: { main: { isolation: schema, database: shared }, cache: {} }
\`\`\`

A recipe is data, one file each in \`src/recipes/\`. This page is made from them and from the clients that were run ([clients.md](clients.md)): \`npx vitest run test/docs/recipes.test.ts --update\`. Where it says that no test runs it, the names of its variables come from its own documentation.

${sections.join('\n')}`;
}

it('docs/recipes.md is what the recipes say, and what was run of them', async () => {
  await expect(page()).toMatchFileSnapshot(join(checkout, 'docs/recipes.md'));
});

it.each(recipes)('$name was run, or says why not, and never both', ({ recipe: { tried, untried = '' } }) => {
  expect(tried.length === 0).toBe(untried !== '');
});

it.each(recipes)('$name: what it says was run has rows of that run, and what it says was not has none', ({ recipe: { title, tried } }) => {
  const run = new Set(rowsOnPage().map(({ client }) => client));
  expect(tried.filter((client) => !run.has(client))).toEqual([]);
  if (tried.length === 0) expect([...run].filter((client) => client.toLowerCase().startsWith(title.toLowerCase()))).toEqual([]);
});

it.each(recipes.flatMap(({ name, recipe }) => recipe.tried.map((client) => [name, client] as const)))(
  '%s: %s was run with what the recipe gives',
  async (name, client) => {
    const { on } = await known(name);
    const ran = clients.filter((one) => one.name === client);
    expect(ran).not.toEqual([]);
    for (const { engine, levels } of ran) {
      const part = on[engine];
      if (part === undefined) continue;
      for (const [level, placement] of Object.entries(levels)) {
        const { isolation: _, database: __, ...needed } = placement;
        // What it was run with is no more than what the recipe gives.
        expect({ ...part.placement, ...part.levels?.[level] }).toMatchObject(needed);
      }
    }
  },
);
