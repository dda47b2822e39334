import { ProjectWatch } from '../../src/app/usage/watch.ts';
import { type AppUsage, isDown, type Usage } from '../../src/model/index.ts';
import type { Workplace } from './workplace.ts';

export interface Rounds extends AsyncDisposable {
  /** One round over the only instance, which has to answer. */
  round(sizes?: boolean): Promise<Usage>;
}

export async function watched(place: Pick<Workplace, 'open'>): Promise<Rounds> {
  const watch = new ProjectWatch(await place.open());
  return {
    round: async (sizes = false) => {
      const [one] = await watch.collect(sizes);
      if (!one || isDown(one)) throw new Error(JSON.stringify(one));
      return one;
    },
    [Symbol.asyncDispose]: async () => await watch[Symbol.asyncDispose](),
  };
}

export function of(usage: Usage, app: string): AppUsage {
  const found = usage.apps.find((one) => one.app === app);
  if (!found) throw new Error(`no ${app}`);
  return found;
}
