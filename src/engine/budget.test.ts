import { expect, it } from 'vitest';
import { overdrawn } from './budget.ts';

it('says nothing where all fit', () => {
  expect(overdrawn('main', [{ who: 'shop', connections: 5 }], 5, 'max_connections 5')).toBeNull();
});

it('shows the whole sum, and names the largest where they are many', () => {
  const few = overdrawn(
    'main',
    [
      { who: 'shop', connections: 3 },
      { who: 'blog', connections: 4 },
    ],
    5,
    'max_connections 5',
  );
  expect(few).toEqual({
    message: 'the apps on "main" may open 7 connections, but only 5 are available (max_connections 5): shop 3 + blog 4 = 7',
    largest: 'blog',
  });
  const alike = ['a', 'b', 'c'].map((who) => ({ who, connections: 4 }));
  expect(overdrawn('main', alike, 5, '')?.largest).toBe('c');
  const many = overdrawn(
    'main',
    Array.from({ length: 30 }, (_, index) => ({ who: `app${index}`, connections: index })),
    5,
    'max_connections 5',
  );
  expect(many?.message).toContain(': app29 29 + app28 28 + ');
  expect(many?.message).toMatch(/ \+ app10 10 \+ 10 others 45 = 435$/);
});
