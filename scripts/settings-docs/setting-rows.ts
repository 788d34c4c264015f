import type { SettingTree } from '../../src/runtime/shared/sync/settings/read-settings'
import { upperSnake } from '../../src/runtime/shared/sync/settings/read-settings'
import type { DeclaredSetting } from '../../src/runtime/shared/sync/settings/setting'
import { inWords } from './in-words'

/** Settings of which types and docs can be written. */
export interface DeclaredTree { readonly [name: string]: DeclaredSetting<unknown> | DeclaredTree }

export function isDeclared(branch: DeclaredSetting<unknown> | DeclaredTree): branch is DeclaredSetting<unknown> {
  return typeof branch.read === 'function'
}

/** Each setting of a tree with its name, such as `rateLimits.push`. */
export function settingsOf(tree: DeclaredTree, path: readonly string[] = []): { path: readonly string[], setting: DeclaredSetting<unknown> }[] {
  return Object.entries(tree).flatMap(([name, branch]) =>
    isDeclared(branch) ? [{ path: [...path, name], setting: branch }] : settingsOf(branch, [...path, name]))
}

/** The variable that overrides runtime config, where the tree has one. */
export function overrideOf(path: readonly string[], prefix: string, tree: SettingTree): string | undefined {
  const found = path.reduce<unknown>((branch, name) => (branch as SettingTree | undefined)?.[name], tree)
  return found ? [prefix, ...path.map(upperSnake)].join('_') : undefined
}

export function defaultInWords({ fallback, otherwise, unit }: DeclaredSetting<unknown>): string {
  return otherwise ?? (typeof fallback === 'number' ? inWords(fallback, unit) : `\`${String(fallback)}\``)
}

/** What it is for, with the unit, and the words that are accepted where it is one of some. */
export function aboutOf({ about, unit, words }: DeclaredSetting<unknown>): string {
  const text = words ? `${about.slice(0, -1)}: ${words.map(word => `\`${word}\``).join(', ')}.` : about
  return unit ? `${text} In ${unit}.` : text
}
