import type { HumanSide } from './base.ts';
import type { Busy } from './output.ts';

/** Where nobody looks at a terminal, a line says that it works after this long, and again each time. Milliseconds. */
const FIRST = 2000;
const AGAIN = 10_000;

export const silent: Busy = busy(
  () => undefined,
  () => undefined,
);

/** At a terminal a line at the foot of the screen; elsewhere lines, as long as it takes. */
export function busyLine(human: HumanSide, text: string): Busy {
  if (human.quiet) return silent;
  let far = '';
  const line = (): string => `${text}…${far === '' ? '' : ` ${far}`}`;
  const keep = (progress: string): void => {
    far = progress;
    human.foot(line());
  };
  if (human.hasFoot) {
    human.foot(line());
    return busy(() => human.foot(''), keep);
  }
  let timer = setTimeout(function tell() {
    human.say(line());
    timer = setTimeout(tell, AGAIN).unref();
  }, FIRST).unref();
  return busy(() => clearTimeout(timer), keep);
}

function busy(end: () => void, at: Busy['at']): Busy {
  const all = (): void => end();
  all.at = at;
  return all;
}
