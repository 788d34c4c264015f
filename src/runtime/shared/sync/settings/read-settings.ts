import { invalidSetting, unknownSetting } from './invalid-setting'
import type { Setting } from './setting'

/** Settings by name. A group of settings is a tree of its own, under its name. */
export interface SettingTree { readonly [name: string]: Setting<unknown> | SettingTree }

/** The values of a tree, by the same names. */
export type SettingValues<S> = { -readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : SettingValues<S[K]> }

export interface SettingSource {
  /** What the group is called in messages, such as `or3Sync`. */
  name: string
  /** An object with values for any of the settings. Undefined or null: no values. */
  values: unknown
  /** Environment variables. One that is set and not empty wins over `values`. Default: none. */
  env?: Readonly<Record<string, string | undefined>>
  /** Each setting also has a variable that begins with this prefix, such as `<prefix>_RATE_LIMITS_BYTES_IN` for `rateLimits.bytesIn`. */
  prefix?: string
}

/**
 * Reads and checks every setting of a tree.
 *
 * @throws Error with a message of one line, for a value that is not accepted, or for an unknown name (with the most similar known one).
 */
export function readSettings<const S extends SettingTree>(tree: S, source: SettingSource): SettingValues<S> {
  const { name, values, env = {}, prefix } = source
  const known = Object.keys(tree)
  if (values !== undefined && values !== null && (typeof values !== 'object' || Array.isArray(values))) {
    throw invalidSetting(name, JSON.stringify(values), `an object with any of ${known.join(', ')}`)
  }
  const given = (values ?? {}) as Record<string, unknown>
  for (const key of Object.keys(given)) if (!Object.hasOwn(tree, key)) throw unknownSetting(`${name}.${key}`, key, known)
  const read = Object.entries(tree).map(([key, branch]) => {
    const below = { name: `${name}.${key}`, values: given[key], env, prefix: prefix && `${prefix}_${upperSnake(key)}` }
    return [key, isSetting(branch) ? readSetting(branch, below) : readSettings(branch, below)]
  })
  return Object.fromEntries(read) as SettingValues<S>
}

/** The names of all variables from which settings of the tree are read. */
export function settingVariables(tree: SettingTree, prefix: string): string[] {
  return Object.entries(tree).flatMap(([key, branch]) => {
    const own = `${prefix}_${upperSnake(key)}`
    return isSetting(branch) ? [...branch.variables ?? [], own] : settingVariables(branch, own)
  })
}

function readSetting(setting: Setting<unknown>, source: SettingSource): unknown {
  const { name, value } = pick(setting, source)
  if (value === undefined || value === null || value === '') return setting.fallback
  const read = setting.read(value)
  if (read === undefined) throw invalidSetting(name, show(setting, value), setting.accepted)
  return read
}

/** The first variable that is set, with its value. If none is set, the option. */
function pick({ variables = [] }: Setting<unknown>, { name, values, env = {}, prefix }: SettingSource): { name: string, value: unknown } {
  for (const variable of prefix ? [...variables, prefix] : variables) {
    const value = env[variable]?.trim()
    if (value) return { name: variable, value }
  }
  return { name, value: typeof values === 'string' ? values.trim() : values }
}

function show({ isSecret, faultOf }: Setting<unknown>, value: unknown): string {
  if (isSecret) return `of type ${typeof value}`
  const fault = faultOf ? faultOf(value) : value
  return typeof fault === 'number' ? String(fault) : JSON.stringify(fault) ?? String(fault)
}

function isSetting(branch: Setting<unknown> | SettingTree): branch is Setting<unknown> {
  return typeof branch.read === 'function'
}

/** A key in the form of a variable: `rateLimits` becomes `RATE_LIMITS`. */
export function upperSnake(key: string): string {
  return key.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
}
