import { GATEWAY_SETTINGS } from '../../src/runtime/shared/sync/settings/gateway-settings'
import { LIMIT_SETTINGS } from '../../src/runtime/shared/sync/settings/limit-settings'
import { MODULE_SETTINGS, PUBLIC_SETTINGS, SERVER_RUNTIME_SETTINGS } from '../../src/runtime/shared/sync/settings/module-settings'
import { TOKEN_SETTINGS } from '../../src/runtime/shared/sync/settings/token-settings'
import type { DeclaredSetting } from '../../src/runtime/shared/sync/settings/setting'
import { inWords } from './in-words'
import { aboutOf, isDeclared, type DeclaredTree } from './setting-rows'

const NOTE = '// Written by `npm run docs:settings` from what `shared/sync/settings` declares; a test compares them.'

/** Of a comment. */
const LINE_LENGTH = 140

const MODULE_ABOUT = 'What an app may write under `or3Sync` in `nuxt.config`. An environment variable of the same meaning wins.'

/** What is said of a group, and the type that it has among options. */
interface Group { about: string, type: string }

const GATEWAY_GROUPS: Readonly<Record<string, Group>> = {
  rateLimits: { about: 'What one user may ask for in a minute, before a route answers 429. `Infinity`: no limit.', type: 'RateLimits' },
  streamLimits: { about: 'How many change streams may be open.', type: 'StreamLimits' },
  memoryLimits: { about: 'How much memory all requests and streams in progress may use.', type: 'MemoryLimits' },
}

const MODULE_GROUPS: Readonly<Record<string, Group>> = {
  rateLimits: { ...GATEWAY_GROUPS.rateLimits!, type: 'RateLimitOptions' },
  streamLimits: { ...GATEWAY_GROUPS.streamLimits!, type: 'StreamLimitOptions' },
  memoryLimits: { ...GATEWAY_GROUPS.memoryLimits!, type: 'MemoryLimitOptions' },
  token: {
    about: 'The names in tokens for a store that the browser connects to directly. '
      + 'The keys are the environment\'s: `OR3_SYNC_TOKEN_KEY`, `OR3_SYNC_TOKEN_PREVIOUS_KEY`.',
    type: 'TokenOptions',
  },
}

/** `settings/setting-types.ts`: what gateways take. */
export function settingTypes(): string {
  const tree: DeclaredTree = LIMIT_SETTINGS
  const groups = Object.entries(GATEWAY_GROUPS).map(([name, { about, type }]) => interfaceOf(type, about, tree[name] as DeclaredTree))
  return file([
    ...groups,
    interfaceOf('TokenNames', 'The names in tokens.', TOKEN_SETTINGS),
    interfaceOf('GatewayValues', 'The options of a gateway that are plain values.', GATEWAY_SETTINGS, { groups: GATEWAY_GROUPS, list: 'readonly ' }),
  ])
}

/** `src/options.ts`: what an app may write in `nuxt.config`. */
export function moduleOptionTypes(): string {
  const tree: DeclaredTree = MODULE_SETTINGS
  const groups = Object.entries(MODULE_GROUPS).map(([name, { about, type }]) => interfaceOf(type, about, tree[name] as DeclaredTree, { env: true }))
  return file([
    'import type { LogLevel } from \'./runtime/shared/sync/settings/log-level\'\n',
    'export type { LogLevel }\n',
    ...groups,
    interfaceOf('ModuleOptions', MODULE_ABOUT, tree, { env: true, groups: MODULE_GROUPS }),
  ])
}

/** `src/runtime-config.ts`. */
export function runtimeConfigTypes(): string {
  const inConfig = (name: string, about: string, tree: DeclaredTree) => `${comment(about)}export interface ${name} {\n  or3Sync: {\n${values(tree, 4)}  }\n}\n`
  return file([
    'import type { LogLevel } from \'./options\'\n',
    inConfig('ModuleRuntimeConfig', '`runtimeConfig.or3Sync`: stays on the server. Override with `NUXT_OR3_SYNC_…`.', SERVER_RUNTIME_SETTINGS),
    inConfig('ModulePublicRuntimeConfig', '`runtimeConfig.public.or3Sync`: the browser sees it. Override with `NUXT_PUBLIC_OR3_SYNC_…`.', PUBLIC_SETTINGS),
  ])
}

const file = (parts: readonly string[]) => `${NOTE}\n${parts.join('\n')}`

interface InterfaceOptions {
  /** Whether variables are named. Default: false. */
  env?: boolean
  /** Default: none. */
  groups?: Readonly<Record<string, Group>>
  /** Stands before the type of lists. Default: nothing. */
  list?: string
}

function interfaceOf(name: string, about: string, tree: DeclaredTree, { env = false, groups = {}, list = '' }: InterfaceOptions = {}): string {
  const fields = Object.entries(tree).map(([key, branch]) => isDeclared(branch)
    ? `${comment(optionText(branch, env), `@default ${defaultTag(branch)}`, 2)}  ${key}?: ${branch.type.endsWith('[]') ? list : ''}${branch.type}\n`
    : `${comment(groups[key]!.about, undefined, 2)}  ${key}?: ${groups[key]!.type}\n`)
  return `${comment(about)}export interface ${name} {\n${fields.join('')}}\n`
}

/** As they stand in runtime config: all of them are there. */
function values(tree: DeclaredTree, indent: number): string {
  const pad = ' '.repeat(indent)
  return Object.entries(tree).map(([key, branch]) => {
    if (!isDeclared(branch)) return `${pad}${key}: {\n${values(branch, indent + 2)}${pad}}\n`
    const isEmpty = branch.fallback === ''
    const text = isEmpty ? `${aboutOf(branch)} \`''\`: ${branch.otherwise}.` : aboutOf(branch)
    return `${comment(text, undefined, indent)}${pad}${key}: ${branch.type}${isEmpty && branch.type !== 'string' ? ' | \'\'' : ''}\n`
  }).join('')
}

function optionText(setting: DeclaredSetting<unknown>, env: boolean): string {
  const variables = env ? setting.variables?.map(name => `\`${name}\``).join(' or ') : undefined
  return variables ? `${aboutOf(setting)} Env: ${variables}.` : aboutOf(setting)
}

function defaultTag({ fallback, otherwise, unit }: DeclaredSetting<unknown>): string {
  if (otherwise) return otherwise
  if (typeof fallback !== 'number') return typeof fallback === 'string' ? `'${fallback}'` : JSON.stringify(fallback)
  const words = inWords(fallback, unit)
  return unit && !words.startsWith(`${fallback} `) ? `${fallback} (${words})` : String(fallback)
}

function comment(text: string, tag?: string, indent = 0): string {
  const pad = ' '.repeat(indent)
  const lines = [...wrap(text), ...tag ? [tag] : []]
  return lines.length === 1 ? `${pad}/** ${text} */\n` : `${pad}/**\n${lines.map(line => `${pad} * ${line}\n`).join('')}${pad} */\n`
}

function wrap(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last && last.length + word.length >= LINE_LENGTH) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines
}
