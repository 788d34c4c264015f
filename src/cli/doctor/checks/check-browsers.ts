import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

/** The oldest browsers that the client runs in (docs/configuration.md), and the year of the language that it is written in. */
const OLDEST: Readonly<Record<string, number>> = { chrome: 107, edge: 107, firefox: 115, safari: 16.4, ios: 16.4, es: 2022 }

/** Whether the app is built for browsers in which the client does not run. */
export function checkBrowsers({ nuxt }: Pick<ExaminedApp, 'nuxt'>): Finding[] {
  const findings = new Findings('browsers')
  const target = nuxt.vite.build?.target
  if (!target) return []
  const older = [target].flat().filter(each => isOlder(String(each)))
  if (older.length === 0) findings.ok(`the build target is ${[target].flat().join(', ')}`)
  else {
    findings.warning(`the build target is ${older.join(', ')}, and the client runs in Chrome 107, Firefox 115 and Safari 16.4 or newer; Vite does not add what older browsers lack`,
      'raise vite.build.target, or tell users of older browsers')
  }
  return findings.list
}

/** `chrome80`, `es2015` and so on. Words such as `esnext` are not older. */
function isOlder(target: string): boolean {
  const [, name, version] = /^([a-z]+)([\d.]+)$/.exec(target.toLowerCase()) ?? []
  return name !== undefined && name in OLDEST && Number.parseFloat(version!) < OLDEST[name]!
}
