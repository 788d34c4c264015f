/**
 * Chooses few seeds that together take every branch that any of them takes: again and again the seed that adds most, at first in the order given. This
 * is at most a few seeds more than the smallest set.
 *
 * @param taken the branches that each seed takes.
 * @returns the seeds in the order of choice, each with how many branches it adds.
 */
export function chooseSeeds(taken: ReadonlyMap<number, readonly number[]>): { seed: number, adds: number }[] {
  const missing = new Set([...taken.values()].flat())
  const chosen: { seed: number, adds: number }[] = []
  while (missing.size) {
    let best = { seed: 0, adds: 0 }
    for (const [seed, branches] of taken) {
      const adds = branches.filter(branch => missing.has(branch)).length
      if (adds > best.adds) best = { seed, adds }
    }
    chosen.push(best)
    for (const branch of taken.get(best.seed)!) missing.delete(branch)
  }
  return chosen
}
