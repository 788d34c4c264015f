import { nearestName } from '../../../runtime/shared/sync/schema/nearest-name'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

/** Whether the app uses the module at all. */
export function checkModule({ nuxt, hasModule }: Pick<ExaminedApp, 'nuxt' | 'hasModule'>): Finding[] {
  const findings = new Findings('module')
  if (hasModule) findings.ok('nuxt.config lists the module')
  else {
    const listed = nuxt.modules.flatMap(entry => [entry].flat()[0]).filter(name => typeof name === 'string')
    const similar = listed.find(name => nearestName(name, ['or3-sync']))
    findings.error(`nuxt.config does not list the module${similar ? `, but "${similar}"` : ''}`, 'write modules: [\'or3-sync\'] in nuxt.config')
  }
  return findings.list
}
