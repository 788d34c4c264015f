import { oneSwitch } from '../../../runtime/shared/sync/settings/one-switch'
import { Findings, type Finding } from '../finding'
import type { ExaminedApp } from '../read-app'

/** Whether sync is on. */
export function checkSwitches({ settings: { values }, envFile }: Pick<ExaminedApp, 'settings' | 'envFile'>): Finding[] {
  const findings = new Findings('switches')
  const forgotten = oneSwitch(values)
  const both = 'set OR3_SYNC_ENABLED=true and SSR_AUTH_ENABLED=true before the server starts (in development: in .env)'
  // An app may sign users in and not sync.
  if (forgotten && !values.enabled) findings.warning(forgotten, undefined, 'one-switch')
  else if (forgotten) findings.error(forgotten, undefined, 'one-switch')
  else if (!values.enabled) findings.warning('sync is off: neither switch is on', both, 'switched-off')
  else if ('OR3_SYNC_ENABLED' in envFile || 'SSR_AUTH_ENABLED' in envFile) findings.ok('both switches are on, by .env; a built server does not read that file, so set them in its environment too')
  else findings.ok('both switches are on')
  return findings.list
}
