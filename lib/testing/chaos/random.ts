/** Every choice of a chaos run comes from one seed. The timing does not, so a replay repeats the choices, not the races. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
};

/** mulberry32 (T. Ettinger, public domain): 32 bits of state are plenty for some thousands of choices. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    pick: (from) => {
      if (from.length === 0) throw new Error("Nothing to pick from");
      return from[int(0, from.length - 1)] as (typeof from)[number];
    },
  };
}
