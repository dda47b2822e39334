import { expect, it } from 'vitest';
import type { Engine, Session } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import { Sessions } from './sessions.ts';
import type { Project } from './types.ts';

/** A project of instances that open as the test says: how sessions are held together is what is tried here. */
function projectOf(connect: Readonly<Record<string, () => Promise<Session>>>, signal = new AbortController().signal): Project {
  const instances = Object.entries(connect).map(
    ([name, open]) => ({ name, engine: { connect: open } as unknown as Engine, input: {} }) as unknown as InstanceDecl,
  );
  return { manifest: { project: 'p', file: '/p/cotenant.yaml', instances }, own: new Map(), env: {}, signal } as unknown as Project;
}

function sessionOf(name: string, closed: string[]): Session {
  return { [Symbol.asyncDispose]: () => Promise.resolve(void closed.push(name)) } as unknown as Session;
}

const settled = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

it('a defect at one instance leaves no session open at the others, one that opens later included', async () => {
  const closed: string[] = [];
  const late = Promise.withResolvers<Session>();
  const project = projectOf({
    one: () => Promise.resolve(sessionOf('one', closed)),
    two: () => Promise.reject(new TypeError('a defect')),
    three: () => late.promise,
  });
  await expect(Sessions.open(project)).rejects.toThrow('a defect');
  late.resolve(sessionOf('three', closed));
  await settled();
  expect(closed.sort()).toEqual(['one', 'three']);
});

it('an interruption is not waited for', async () => {
  const closed: string[] = [];
  const late = Promise.withResolvers<Session>();
  const controller = new AbortController();
  const opening = Sessions.open(projectOf({ one: () => late.promise }, controller.signal));
  controller.abort(new Error('interrupted'));
  await expect(opening).rejects.toThrow('interrupted');
  late.resolve(sessionOf('one', closed));
  await settled();
  expect(closed).toEqual(['one']);
});
