import { checkBrowsers } from './checks/check-browsers'
import { checkHost } from './checks/check-host'
import { checkModule } from './checks/check-module'
import { checkNode } from './checks/check-node'
import { checkProvider } from './checks/check-provider'
import { checkSchema } from './checks/check-schema'
import { checkSession } from './checks/check-session'
import { checkSettings } from './checks/check-settings'
import { checkStore } from './checks/check-store'
import { checkSwitches } from './checks/check-switches'
import { checkVersions } from './checks/check-versions'
import type { Finding } from './finding'
import { readApp, type Surroundings } from './read-app'

/** Looks at an app and says what it has found, in the order in which one would mend it. Writes nothing, and opens no store. */
export async function examine(surroundings: Surroundings): Promise<Finding[]> {
  const node = checkNode(surroundings)
  const app = await readApp(surroundings)
  if ('problem' in app) return [...node, app.problem]
  const findings: Finding[] = [...node]
  for (const check of [checkVersions, checkModule, checkSettings, checkSwitches, checkSchema, checkSession, checkProvider, checkStore, checkHost, checkBrowsers]) {
    findings.push(...await check(app))
  }
  return findings
}
