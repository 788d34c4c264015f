/**
 * The anchor of a heading, as GitHub makes it: the same links work on GitHub and in the built site.
 * The second heading of the same text gets `-1`, which the callers add.
 */
export function slugify(heading: string): string {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(/\s/g, '-')
}
