import { GATEWAY_SETTINGS } from '../../src/runtime/shared/sync/settings/gateway-settings'
import { MODULE_SETTINGS, PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from '../../src/runtime/shared/sync/settings/module-settings'
import { aboutOf, defaultInWords, overrideOf, settingsOf } from './setting-rows'

const NONE = '–'
const code = (name: string) => `\`${name}\``

/** The options of the module, and the keys, which the environment alone has. */
export function moduleTable(): string {
  const options = settingsOf(MODULE_SETTINGS)
  const keys = settingsOf(SERVER_RUNTIME_SETTINGS).filter(({ path }) => !options.some(option => String(option.path) === String(path)))
  const rows = [...options, ...keys].map(({ path, setting }) => {
    const override = overrideOf(path, 'NUXT_PUBLIC_OR3_SYNC', PUBLIC_SETTINGS) ?? overrideOf(path, 'NUXT_OR3_SYNC', SERVER_RUNTIME_SETTINGS)
    const name = keys.some(key => key.path === path) ? `${code(path.join('.'))}, in the environment only` : code(path.join('.'))
    return [name, aboutOf(setting), defaultInWords(setting), setting.variables?.map(code).join(', else ') || NONE, override ? code(override) : NONE]
  })
  return table(['option', 'what it is', 'default', 'environment', 'runtime-config override'], rows)
}

/** The options of `createSyncGateway` that are plain values. */
export function gatewayTable(): string {
  const rows = settingsOf(GATEWAY_SETTINGS).map(({ path, setting }) => [code(path.join('.')), aboutOf(setting), defaultInWords(setting)])
  return table(['option', 'what it is', 'default'], rows)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return `${line(head)}|${'---|'.repeat(head.length)}\n${rows.map(line).join('')}`
}
