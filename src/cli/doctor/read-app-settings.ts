import type { NuxtOptions } from '@nuxt/schema'
import { defu } from 'defu'
import type { StartError } from '../../runtime/shared/sync/errors/start-error'
import { MODULE_SETTINGS, PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from '../../runtime/shared/sync/settings/module-settings'
import { readSettings, type SettingTree, type SettingValues } from '../../runtime/shared/sync/settings/read-settings'

type Env = Readonly<Record<string, string | undefined>>
type Settings = SettingValues<typeof MODULE_SETTINGS>

export interface AppSettings {
  /** What counts when the server starts here. A setting with a wrong value has its default. */
  values: Settings
  /** Whether there is a key that signs tokens. */
  hasTokenKey: boolean
  /** One error for each setting that is not accepted, and each unknown option. */
  errors: StartError[]
}

/** Reads each setting by itself, so that all mistakes are found. Options, runtime config and environment count as when the server starts. */
export function readAppSettings(options: Record<string, unknown>, nuxt: NuxtOptions, env: Env): AppSettings {
  const { runtimeConfig } = nuxt as { runtimeConfig: { or3Sync?: object, public?: { or3Sync?: object } } }
  const given = defu(runtimeConfig.or3Sync, runtimeConfig.public?.or3Sync, options) as Record<string, unknown>
  const errors: StartError[] = []
  const read = (key: string, tree: SettingTree, values: object, prefix?: string): unknown => {
    try { return readSettings(tree, { name: 'or3Sync', values, env, ...prefix && { prefix } }) }
    catch (error) {
      errors.push(error as StartError)
      return readSettings(tree, { name: 'or3Sync', values: {} })
    }
  }
  const known = { ...MODULE_SETTINGS, token: SERVER_RUNTIME_SETTINGS.token }
  const values = Object.entries(known).map(([key, setting]) => read(key, { [key]: setting } as SettingTree, key in given ? { [key]: given[key] } : {}, prefixOf(key)))
  for (const key of Object.keys(given)) if (!(key in known)) read(key, MODULE_SETTINGS, { [key]: given[key] })
  const all = Object.assign({}, ...values) as Settings & { token: { key: string } }
  return { values: all, hasTokenKey: all.token.key !== '', errors }
}

function prefixOf(key: string): string | undefined {
  return key === 'schema' ? undefined : key in PUBLIC_SETTINGS ? 'NUXT_PUBLIC_OR3_SYNC' : 'NUXT_OR3_SYNC'
}
