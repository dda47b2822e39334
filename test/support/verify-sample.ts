import type { Cell, Finding, VerifyReport } from '../../src/model/index.ts';

export function cell(from: string, to: string, more: Partial<Cell> = {}): Cell {
  return { instance: 'main', from, to, verdict: 'BLOCKED', attempts: 0, declared: false, ...more };
}

export function finding(more: Partial<Finding> = {}): Finding {
  return {
    probe: 'X-1',
    verdict: 'BREACH',
    half: 'both',
    instance: 'main',
    from: 'shop',
    to: 'blog',
    statement: 'SELECT 1 FROM blog.posts',
    answer: '1 row',
    why: 'What others wrote is read.',
    fix: [{ lane: 'db:blog', statement: { text: 'REVOKE SELECT\nON blog.posts FROM shop' } }],
    ...more,
  };
}

/** Three apps of which one gets at another and one can starve the server. */
export function sample(more: Partial<VerifyReport> = {}): VerifyReport {
  return {
    format: 1,
    seed: 42,
    scope: { apps: null, exhaustive: false, destructive: false },
    apps: ['shop', 'blog', 'stats'],
    sparse: [],
    cells: [
      cell('shop', 'blog', { verdict: 'BREACH', attempts: 3 }),
      cell('shop', 'stats'),
      cell('blog', 'shop', { attempts: 2 }),
      cell('blog', 'stats'),
      cell('stats', 'shop', { declared: true, attempts: 1 }),
      cell('stats', 'blog', { attempts: 1 }),
    ],
    findings: [
      finding(),
      finding({
        probe: 'X-7',
        verdict: 'STARVE',
        half: 'analysis',
        from: 'blog',
        to: null,
        statement: 'no limit on sessions',
        answer: '',
        fix: [],
      }),
    ],
    residual: [
      { probe: 'X-R1', instance: 'main', what: 'names are seen by all' },
      { probe: 'X-R1', instance: 'side', what: 'names are seen by all' },
    ],
    relaxations: [{ app: 'shop', instance: 'main', name: 'locks: allow', opens: 'locks are shared' }],
    counts: { attempts: 7, blocked: 3, controls: 3, analysed: 120 },
    ...more,
  };
}

/** A proof of `n` apps without a finding. */
export function manyApps(n: number): VerifyReport {
  const apps = Array.from({ length: n }, (_, index) => `app${String(index).padStart(3, '0')}`);
  const cells = apps.flatMap((from) => apps.filter((to) => to !== from).map((to) => cell(from, to)));
  return sample({ apps, cells, findings: [], residual: [], relaxations: [] });
}
