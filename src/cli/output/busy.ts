import type { HumanSide } from './base.ts';
import type { Busy } from './output.ts';

/** Where nobody looks at a terminal, a line says that it works after this long, and again each time. Milliseconds. */
const FIRST = 2000;
const AGAIN = 10_000;

export const silent: Busy = Object.assign(() => undefined, { at: () => undefined });

/** At a terminal a line at the foot of the screen; elsewhere lines, as long as it takes. */
export function busyLine(human: HumanSide, text: string): Busy {
  if (human.quiet) return silent;
  let far = '';
  const line = (): string => `${text}…${far === '' ? '' : ` ${far}`}`;
  if (human.hasFoot) {
    human.foot(line());
    return Object.assign(() => human.foot(''), {
      at: (progress: string) => {
        far = progress;
        human.foot(line());
      },
    });
  }
  let timer = setTimeout(function tell() {
    human.say(line());
    timer = setTimeout(tell, AGAIN).unref();
  }, FIRST).unref();
  return Object.assign(() => clearTimeout(timer), {
    at: (progress: string) => {
      far = progress;
    },
  });
}
