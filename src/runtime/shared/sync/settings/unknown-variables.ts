import { nearestName } from '../schema/nearest-name'
import { settingVariables } from './read-settings'
import { PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from './module-settings'

/** Variables that begin like this are meant for or3-sync. */
const OURS = /^(?:NUXT_(?:PUBLIC_)?)?OR3_SYNC_/

/** A warning for each variable that looks like one of ours but is not, with the most similar name. It does not show the values. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...settingVariables(PUBLIC_SETTINGS, 'NUXT_PUBLIC_OR3_SYNC'), ...settingVariables(SERVER_RUNTIME_SETTINGS, 'NUXT_OR3_SYNC')]
  return Object.keys(env).filter(name => OURS.test(name) && !known.includes(name)).map((name) => {
    const nearest = nearestName(name, known)
    return `[or3-sync] the variable ${name} is set, and no setting has that name${nearest ? ` (did you mean ${nearest}?)` : ''}`
  })
}
