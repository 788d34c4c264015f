import { nearestName } from '../schema/nearest-name'
import { settingVariables } from './read-settings'
import { PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from './module-settings'

/** Variables that begin so are meant for nobody else. */
const OURS = /^(?:NUXT_(?:PUBLIC_)?)?OR3_SYNC_/

/** A line for each variable that looks like one of ours and is none, with the nearest name. Their values are not shown. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...settingVariables(PUBLIC_SETTINGS, 'NUXT_PUBLIC_OR3_SYNC'), ...settingVariables(SERVER_RUNTIME_SETTINGS, 'NUXT_OR3_SYNC')]
  return Object.keys(env).filter(name => OURS.test(name) && !known.includes(name)).map((name) => {
    const nearest = nearestName(name, known)
    return `[or3-sync] the variable ${name} is set, and no setting has that name${nearest ? ` (did you mean ${nearest}?)` : ''}`
  })
}
