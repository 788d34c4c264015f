/** Whether a version is in a range of the form `>=1.2.3` or `^1.2.3`. Pre-releases count as their release. */
export function isInRange(version: string, range: string): boolean {
  const [own, least] = [numbersOf(version), numbersOf(range)]
  const order = own.findIndex((number, index) => number !== least[index])
  const isNotOlder = order === -1 || own[order]! > least[order]!
  return isNotOlder && (!range.startsWith('^') || own[0] === least[0])
}

function numbersOf(text: string): number[] {
  const [major = 0, minor = 0, patch = 0] = (/\d+(?:\.\d+){0,2}/.exec(text)?.[0] ?? '').split('.').map(Number)
  return [major, minor, patch]
}
