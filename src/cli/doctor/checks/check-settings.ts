import { unknownVariables } from '../../../runtime/shared/sync/settings/unknown-variables'
import { Findings, type Finding } from '../finding'
import { misspeltVariables } from '../misspelt-variables'
import type { ExaminedApp } from '../read-app'

/** Whether every option and variable is known, and has a value that is accepted. */
export function checkSettings({ settings, env }: Pick<ExaminedApp, 'settings' | 'env'>): Finding[] {
  const findings = new Findings('settings')
  for (const { message, code } of settings.errors) findings.error(message, undefined, code)
  for (const line of [...unknownVariables(env), ...misspeltVariables(env)]) findings.warning(line, 'correct the name, or remove the variable', 'unknown-variable')
  if (findings.list.length === 0) findings.ok('every option and variable is known and has an accepted value')
  return findings.list
}
