/**
 * The cursor from which the feed goes on after a walk: the version at which the walk began, or a lower one if a push was answered since.
 *
 * The pages of a walk leave deletes out. Example: a reply says that our edit has version 7, another device deletes the record with
 * version 9, and the walk begins at version 10. No page tells of that delete. If the feed went on from 10, the row would stay here for
 * ever. So it goes on from 6, and the delete comes with the next page.
 *
 * @param target the store's latest version when the walk began
 * @param pushedFrom the lowest version in the push replies since then; undefined: there were none
 */
export function resumeCursor(target: number, pushedFrom: number | undefined): number {
  return pushedFrom === undefined ? target : Math.max(0, Math.min(target, pushedFrom - 1))
}
