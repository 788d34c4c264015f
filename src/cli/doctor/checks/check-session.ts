import { getLayerDirectories } from '@nuxt/kit'
import { nearestName } from '../../../runtime/shared/sync/schema/nearest-name'
import { filesIn } from '../app-files'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

const HOOKS = ['or3-sync:session', 'or3-sync:pushed', 'or3-sync:changed']
const HOOK_CALL = /\bhook(?:Once)?\(\s*['"`]([\w:-]*or3[\w:-]*)['"`]/g

/** Whether something tells the gateway who is signed in. It reads the app's server files as text. */
export function checkSession({ nuxt }: Pick<ExaminedApp, 'nuxt'>): Finding[] {
  const findings = new Findings('session')
  const files = filesIn(getLayerDirectories({ options: nuxt } as never).map(({ server }) => server))
  for (const { path, text } of files) {
    for (const [, hook] of text.matchAll(HOOK_CALL)) {
      if (HOOKS.includes(hook!)) continue
      const nearest = nearestName(hook!, HOOKS)
      findings.error(`${path} listens to "${hook}", and no hook has that name${nearest ? ` (did you mean ${nearest}?)` : ''}`, 'correct the name')
    }
  }
  if (files.some(({ text }) => text.includes('or3-sync:session'))) findings.ok('a server plugin has the hook or3-sync:session')
  else if (nuxt.modules.some(entry => [entry].flat()[0] === 'nuxt-auth-utils')) findings.ok('nuxt-auth-utils says who is signed in')
  else {
    findings.warning('nothing says who is signed in: in production every sync route answers 401', 'add a server plugin with the hook or3-sync:session, or install nuxt-auth-utils', 'no-session-source')
  }
  return findings.list
}
