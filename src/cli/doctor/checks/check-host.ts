import { hostTrouble } from '../../../setup/host-trouble'
import { hostLine } from '../../../setup/host-line'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

/** Whether the host for which the app is built can keep a file and hold a stream. */
export function checkHost({ nuxt, env, settings: { values } }: Pick<ExaminedApp, 'nuxt' | 'env' | 'settings'>): Finding[] {
  const findings = new Findings('host')
  // In Nitro's own order. Hosts that Nitro recognises only while they build are not seen here.
  const preset = nuxt.nitro.preset || env.NITRO_PRESET || env.SERVER_PRESET || 'node-server'
  const trouble = hostTrouble({ ...values, preset, isStatic: nuxt.nitro.static === true })
  if (trouble) findings.warning(hostLine(preset, trouble), undefined, 'serverless-preset')
  else findings.ok(`the Nitro preset is ${preset}`)
  return findings.list
}
