import type { EnvDecl, Manifest } from '../manifest/types.ts';
import { type Diagnostic, fail } from '../model/index.ts';
import { type Recipe, recipeNamed, recipeNames, type RecipePart } from '../recipes/index.ts';
import { didYouMean } from '../util/closest.ts';
import { lookUp } from '../util/record.ts';
import { isOn, namesFor } from './env-names.ts';
import { referencesIn, withReferences } from './env-map.ts';
import type { Project } from './types.ts';

/** What a recipe says of one app. */
export interface FromRecipe {
  readonly env: readonly EnvDecl[];
  readonly hints: readonly string[];
  /** Fields of placements that it wants, where the manifest does not name it: for people. */
  readonly needs: readonly string[];
}

/** Apps at a level at which the application of their recipe is known not to do all that it should. */
export async function recipeWarnings({ apps, instances }: Manifest): Promise<readonly Diagnostic[]> {
  const named = apps.flatMap(({ name, recipe }) => (recipe === null ? [] : [{ name, recipe }]));
  const found = await Promise.all(
    named.map(async ({ name, recipe: called }) => {
      const recipe = await recipeNamed(called);
      return instances.flatMap(({ name: instance, engine, input }) =>
        input.placements
          .filter(({ app }) => app === name)
          .flatMap(({ placement, path }): readonly Diagnostic[] => {
            const level = levelOf(placement);
            const half = lookUp(lookUp(recipe?.on ?? {}, engine.id)?.halfAt ?? {}, level);
            if (half === undefined) return [];
            const message = `${recipe?.title ?? called} at level ${level}: ${half.what}`;
            return [{ code: 'CT1218', severity: 'warning', message, instance, path, hint: half.instead }];
          }),
      );
    }),
  );
  return found.flat();
}

function levelOf(placement: unknown): string {
  return typeof placement === 'object' && placement !== null && 'isolation' in placement ? String(placement.isolation) : '';
}

/** Throws CT1217 where there is no such recipe. */
export async function fromRecipe({ manifest }: Pick<Project, 'manifest'>, app: string, name: string): Promise<FromRecipe> {
  const recipe = await recipeNamed(name);
  if (recipe === null)
    throw fail('CT1217', `There is no recipe "${name}".`, {
      hint: didYouMean(name, recipeNames) ?? `Choose one of ${recipeNames.join(', ')}.`,
    });
  const decl = manifest.apps.find((one) => one.name === app);
  const parts = manifest.instances.flatMap((instance) => {
    const part = lookUp(recipe.on, instance.engine.id);
    return part && isOn(instance.input, app) ? [{ instance, part }] : [];
  });
  // Of several servers of one engine, the first is meant.
  const first = parts.filter(({ instance }, at) => parts.findIndex((one) => one.instance.engine.id === instance.engine.id) === at);
  const all = manifest.instances.flatMap((instance) =>
    namesFor(manifest, instance, app).map((one) => ({ ...one, instance: instance.name })),
  );
  const env = first.flatMap(({ instance, part }) => envOf(part, instance.name, all));
  const isNamed = decl?.recipe === name;
  return {
    env,
    hints: recipe.hints,
    needs: isNamed
      ? []
      : needsOf(
          recipe,
          first.map(({ instance }) => instance.engine.id),
        ),
  };
}

type Name = { readonly name: string; readonly part?: string; readonly instance: string };

/** What refers to something that the app does not have is left out. */
function envOf(part: RecipePart, instance: string, all: readonly Name[]): readonly EnvDecl[] {
  return Object.entries(part.env ?? {}).flatMap(([name, value]): EnvDecl[] => {
    const decl = { name, secret: false, path: [] };
    if (typeof value !== 'string') return [{ ...decl, text: value.value, fixed: true }];
    const isPart = (word: string): boolean => all.some((one) => one.part === word && one.instance === instance);
    const isName = (word: string): boolean => all.some((one) => one.name === word);
    if (!referencesIn(value).every((word) => isPart(word) || isName(word))) return [];
    return [{ ...decl, text: withReferences(value, (word) => (isPart(word) ? `${instance}.${word}` : word)), fixed: false }];
  });
}

function needsOf({ on }: Recipe, engines: readonly string[]): readonly string[] {
  return engines.flatMap((engine) => {
    const { placement, levels = {} } = lookUp(on, engine) ?? {};
    return [...Object.entries(placement ?? {}), ...Object.values(levels).flatMap((fields) => Object.entries(fields))].map(
      ([field, value]) => `${field}: ${JSON.stringify(value)}`,
    );
  });
}
