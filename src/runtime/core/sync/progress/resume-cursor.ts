/**
 * Where the feed goes on after a walk that left tombstones out and began at version `target`: from below what this device pushed
 * meanwhile, for a delete may have overtaken it unseen.
 * `pushedFrom` is the lowest version that a push reply spoke of since the walk began; undefined: none did.
 */
export function resumeCursor(target: number, pushedFrom: number | undefined): number {
  return pushedFrom === undefined ? target : Math.max(0, Math.min(target, pushedFrom - 1))
}
