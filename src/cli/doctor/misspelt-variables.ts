import { nearestName } from '../../runtime/shared/sync/schema/nearest-name'

/** The variables of the module that do not begin with `OR3_SYNC_` or `NUXT_`, and those most often written by hand. */
const NAMES = ['OR3_SYNC_ENABLED', 'SSR_AUTH_ENABLED', 'OR3_SYNC_PROVIDER', 'OR3_SYNC_BACKEND', 'OR3_SYNC_SQLITE_PATH', 'VITE_CONVEX_URL', 'CONVEX_URL']
/** Names that are not meant for anybody else. `unknownVariables` looks at those that begin as ours do. */
const MEANT = /OR3|SSR_?AUTH|AUTH_?SSR|CONVEX_?UR/i
const OWN_PREFIX = /^(?:NUXT_(?:PUBLIC_)?)?OR3_SYNC_/

/** A line for each variable that is probably one of ours with a typing mistake in its first word, or in other letters. */
export function misspeltVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter(name => MEANT.test(name) && !OWN_PREFIX.test(name) && !NAMES.includes(name)).flatMap((name) => {
    const nearest = nearestName(name, NAMES)
    return nearest ? [`the variable ${name} is set, and no setting has that name (did you mean ${nearest}?)`] : []
  })
}
