/** A function that works its answer out once for each argument, which is frozen. */
export function oncePer<A extends object, R>(work: (argument: A) => R): (argument: A) => R {
  const known = new WeakMap<A, R>();
  return (argument) => {
    const found = known.get(argument);
    if (found !== undefined) return found;
    const fresh = work(argument);
    known.set(argument, fresh);
    return fresh;
  };
}

/** A function that does its work once, at the first call, and answers every call with that. */
export function once<R>(work: () => R): () => R {
  let made: { readonly value: R } | null = null;
  return () => {
    made ??= { value: work() };
    return made.value;
  };
}
