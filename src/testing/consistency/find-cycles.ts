/** `from` -> `to`: `to` overwrote (ww) or read (wr) something that `from` wrote. */
export interface Dependency<Node> {
  from: Node
  to: Node
  kind: 'ww' | 'wr'
  /** Says it in words. */
  describe: () => string
}

/**
 * Finds the circles of a graph: the smallest one, then the smallest of what is left without its nodes, until there are none. A graph without
 * circles takes time in proportion to its size.
 * Each has at least one of the dependencies for which `isStart` is true.
 */
export function findCycles<Node>(dependencies: readonly Dependency<Node>[], isStart: (dependency: Dependency<Node>) => boolean): Dependency<Node>[][] {
  const cycles: Dependency<Node>[][] = []
  for (let rest = withoutEnds(dependencies); ;) {
    const smallest = smallestCycle(rest, isStart)
    if (!smallest) return cycles
    cycles.push(smallest)
    const gone = new Set(smallest.map(({ from }) => from))
    rest = withoutEnds(rest.filter(({ from, to }) => !gone.has(from) && !gone.has(to)))
  }
}

function smallestCycle<Node>(dependencies: readonly Dependency<Node>[], isStart: (dependency: Dependency<Node>) => boolean): Dependency<Node>[] | undefined {
  const outgoing = groupBy(dependencies, 'from')
  let smallest: Dependency<Node>[] | undefined
  for (const start of dependencies) {
    if (!isStart(start)) continue
    const back = shortestPath(outgoing, start.to, start.from, (smallest?.length ?? Infinity) - 2)
    if (back) smallest = [start, ...back]
  }
  return smallest
}

/** Takes away, again and again, the nodes that lead nowhere, then those that nothing leads to. What is left lies on circles or between them. */
function withoutEnds<Node>(dependencies: readonly Dependency<Node>[]): readonly Dependency<Node>[] {
  return withoutDeadEnds(withoutDeadEnds(dependencies, 'from', 'to'), 'to', 'from')
}

/** Takes away the nodes that are `far` of dependencies, but `near` of none that are left. */
function withoutDeadEnds<Node>(dependencies: readonly Dependency<Node>[], near: 'from' | 'to', far: 'from' | 'to'): readonly Dependency<Node>[] {
  const byFar = groupBy(dependencies, far)
  const left = new Map<Node, number>()
  for (const dependency of dependencies) left.set(dependency[near], (left.get(dependency[near]) ?? 0) + 1)
  const ends = [...byFar.keys()].filter(node => !left.has(node))
  const gone = new Set<Node>()
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    gone.add(end)
    for (const dependency of byFar.get(end) ?? []) {
      const count = left.get(dependency[near])! - 1
      left.set(dependency[near], count)
      if (count === 0) ends.push(dependency[near])
    }
  }
  return dependencies.filter(dependency => !gone.has(dependency[far]))
}

/** The shortest way between two nodes, of at most `most` dependencies. */
function shortestPath<Node>(outgoing: ReadonlyMap<Node, readonly Dependency<Node>[]>, from: Node, to: Node, most: number): Dependency<Node>[] | null {
  const reached = new Map<Node, Dependency<Node>[]>([[from, []]])
  for (const [node, path] of reached) {
    if (path.length >= most) return null
    for (const dependency of outgoing.get(node) ?? []) {
      if (dependency.to === to) return [...path, dependency]
      if (!reached.has(dependency.to)) reached.set(dependency.to, [...path, dependency])
    }
  }
  return null
}

function groupBy<Node>(dependencies: readonly Dependency<Node>[], side: 'from' | 'to'): Map<Node, Dependency<Node>[]> {
  const groups = new Map<Node, Dependency<Node>[]>()
  for (const dependency of dependencies) {
    const group = groups.get(dependency[side])
    if (group) group.push(dependency)
    else groups.set(dependency[side], [dependency])
  }
  return groups
}
