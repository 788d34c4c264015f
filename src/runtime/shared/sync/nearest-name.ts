/** The known name that a misspelt one was most likely meant to be; null: none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const distances = known.map(candidate => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
  const nearest = distances.reduce<typeof distances[number] | null>((best, next) => best && best.distance <= next.distance ? best : next, null)
  return nearest && nearest.distance <= Math.max(2, Math.floor(name.length / 3)) ? nearest.candidate : null
}

/** Letters to add, take away or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
