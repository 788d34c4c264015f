import { readFileSync } from 'node:fs'
import { dirname, join } from 'pathe'
import { findPackage } from '../find-package'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'
import { isInRange } from '../version-range'

/** As `compatibility` in src/module.ts. */
const NUXT = '>=4.0.0'

interface Manifest { dependencies: Record<string, string>, peerDependencies: Record<string, string> }

/** Whether the packages that the app brings are of versions that fit. */
export function checkVersions({ rootDir, paths }: Pick<ExaminedApp, 'rootDir' | 'paths'>): Finding[] {
  const findings = new Findings('versions')
  const home = join(dirname(paths.runtime), '..')
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest
  const ranges = { nuxt: NUXT, dexie: dependencies.dexie!, convex: peerDependencies.convex! }
  const fitting: string[] = []
  for (const [name, range] of Object.entries(ranges)) {
    const found = findPackage(name, rootDir)
    // An app need not install Dexie itself, and Convex is for those who use it.
    if (!found) continue
    if (isInRange(found.version, range)) fitting.push(`${name} ${found.version}`)
    else findings.error(`${name} is ${found.version}, and or3-sync needs ${range}`, `run: npm install ${name}@"${range}"`)
  }
  const [own, apps] = [findPackage('dexie', home), findPackage('dexie', rootDir)]
  if (own && apps && own.version !== apps.version) {
    findings.warning(`the app has dexie ${apps.version} and or3-sync has ${own.version}; the page uses the app's`, 'run: npm dedupe')
  }
  if (fitting.length > 0) findings.ok(fitting.join(', '))
  return findings.list
}
