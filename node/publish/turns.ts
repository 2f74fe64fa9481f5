/** Turns: work on one thing is done one after the other, so that nobody acts on what another is about to change. */

export type Turns = <T>(thing: string, work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (thing, work) => {
    const turn = (last.get(thing) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => {});
    last.set(thing, settled);
    try {
      return await turn;
    } finally {
      if (last.get(thing) === settled) last.delete(thing);
    }
  };
}
