import { expect, it } from 'vitest';
import { notToday } from './turn.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const files = names.flatMap((name) => [
  `test/engines/one/${name}.test.ts`,
  `test/engines/two/verify/${name}.test.ts`,
  `test/e2e/${name}.test.ts`,
]);
const today = (changed: readonly string[], from: number): readonly string[] => {
  const left = new Set(notToday(files, changed, from));
  return files.filter((file) => !left.has(file));
};

it('gives each suite its day, and each day something of each engine and of the command line', () => {
  for (const start of [0, 20_420, 20_423]) {
    const days = Array.from({ length: 14 }, (_, day) => today([], start + day));
    for (const day of days)
      for (const folder of ['engines/one', 'engines/two', 'e2e']) {
        const mine = day.filter((file) => file.startsWith(`test/${folder}/`));
        expect(mine.length).toBeGreaterThan(0);
        expect(mine.length).toBeLessThan(names.length);
      }
    expect(new Set(days.flat()).size).toBe(files.length);
  }
});

it('leaves nothing out of what somebody works on: the suite itself, and those of the folder', () => {
  for (let day = 0; day < 5; day++) {
    const [suite = ''] = files;
    const mine = today([suite, 'src/engines/two/verify/checks.ts', 'src/engines/one/spec.ts', 'src/cli/main.ts'], day);
    expect(mine).toContain(suite);
    for (const folder of ['engines/two', 'e2e'])
      expect(mine.filter((file) => file.startsWith(`test/${folder}/`))).toHaveLength(names.length);
    expect(mine.filter((file) => file.startsWith('test/engines/one/')).length).toBeLessThan(names.length);
  }
});
