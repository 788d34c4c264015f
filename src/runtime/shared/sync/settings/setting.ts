import { primaryKeyError } from '../protocol/primary-key'

/** One value that a user may set: how it is read, and what is accepted. */
export interface Setting<T> {
  readonly fallback: T
  /** Environment variables of its own; the first that is set counts. */
  readonly variables?: readonly string[]
  /** In words. */
  readonly accepted: string
  /** The value to work with; undefined: it is not accepted. Text comes trimmed and not empty. */
  readonly read: (value: unknown) => T | undefined
  /** What of a value that is not accepted is at fault. Default: all of it. */
  readonly faultOf?: (value: unknown) => unknown
  /** Its value is never shown. */
  readonly isSecret?: true
}

/** What a number counts. */
export type SettingUnit = 'bytes' | 'milliseconds' | 'days'

/** What docs and types say of a setting. `npm run docs:settings` writes them from this. */
export interface SettingText {
  /** What it is for: one or two plain sentences. The unit is added. */
  readonly about: string
  /** In words, what counts where nothing is set. Default: `fallback` says it. */
  readonly otherwise?: string
}

/** A setting with everything that types and docs say of it. */
export interface DeclaredSetting<T> extends Setting<T>, SettingText {
  /** Its TypeScript type, among the options. */
  readonly type: string
  readonly unit?: SettingUnit
  /** All that are accepted, where it is one of some words. */
  readonly words?: readonly string[]
}

interface SettingInput extends SettingText {
  readonly variables?: readonly string[]
}

export function flag(input: SettingInput): DeclaredSetting<boolean> {
  return {
    ...input, fallback: false, type: 'boolean', accepted: 'true or false',
    read: value => value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  }
}

export function text(input: SettingInput): DeclaredSetting<string> {
  return { ...input, fallback: '', type: 'string', accepted: 'text', read: value => typeof value === 'string' ? value : undefined }
}

/** Text of the form of ids: 1 to 256 characters, none of them a control character. */
export function id(input: SettingInput): DeclaredSetting<string> {
  return {
    ...input, fallback: '', type: 'string', accepted: 'text of 1 to 256 characters without control characters',
    read: value => primaryKeyError(value) === null ? value as string : undefined,
  }
}

/** Printable text without spaces, as it stands in a token. */
export function tokenName(input: SettingInput & { fallback: string }): DeclaredSetting<string> {
  return {
    ...input, type: 'string', accepted: '1 to 256 printable ASCII characters without spaces',
    read: value => typeof value === 'string' && /^[\x21-\x7E]{1,256}$/.test(value) ? value : undefined,
  }
}

export function secret(input: SettingInput): DeclaredSetting<string> {
  return { ...text(input), isSecret: true }
}

/** A key, as text or as the object that the text describes. */
export function key(input: SettingInput): DeclaredSetting<string> {
  return {
    ...input, fallback: '', type: 'string', accepted: 'a JWK or PEM', isSecret: true,
    read: value => typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : undefined,
  }
}

/** One of some words. `type` names them in types of options. */
export function word<const W extends string, const F extends W | ''>(
  input: SettingInput & { fallback: F, words: readonly W[], type: string },
): DeclaredSetting<W | F> {
  return { ...input, accepted: input.words.join(', '), read: value => input.words.find(known => known === value) }
}

export function url(input: SettingInput & { fallback: string, example: string }): DeclaredSetting<string> {
  return { ...input, type: 'string', accepted: `a URL such as ${input.example}`, read: value => parseHttpUrl(value) ? value as string : undefined }
}

export interface NumberInput extends SettingText {
  readonly fallback: number
  readonly min: number
  /** Default: none. */
  readonly max?: number
  readonly unit?: SettingUnit
  /** Whether `Infinity` is accepted, for no limit. */
  readonly mayBeInfinite?: true
  /** Whether fractions are accepted. */
  readonly mayBeFraction?: true
}

/** A number, or text that is one. */
export function number(input: NumberInput): DeclaredSetting<number> {
  const { min, max = Infinity, mayBeInfinite, mayBeFraction } = input
  const range = max === Infinity ? `${min} or more` : `${min} to ${max}`
  return {
    ...input, type: 'number', accepted: `a ${mayBeFraction ? '' : 'whole '}number, ${range}${mayBeInfinite ? ', or Infinity for no limit' : ''}`,
    read(value) {
      const read = typeof value === 'string' ? Number(value) : value
      if (typeof read !== 'number' || Number.isNaN(read) || read < min || read > max) return undefined
      if (read === Infinity) return mayBeInfinite && read
      return mayBeFraction || Number.isSafeInteger(read) ? read : undefined
    },
  }
}

/** A list of origins, or text with commas between them. */
export function origins(input: SettingInput): DeclaredSetting<string[]> {
  const listed = (value: unknown): unknown[] => Array.isArray(value) ? value : typeof value === 'string' ? value.split(',').map(each => each.trim()).filter(Boolean) : [value]
  return {
    ...input, fallback: [], type: 'string[]', accepted: 'origins such as https://app.example.com, without a path, separated by commas',
    read: value => listed(value).every(isOrigin) ? listed(value) as string[] : undefined,
    faultOf: value => listed(value).find(each => !isOrigin(each)),
  }
}

function isOrigin(origin: unknown): boolean {
  return parseHttpUrl(origin)?.origin === origin
}

function parseHttpUrl(value: unknown): URL | null {
  if (typeof value !== 'string' || !/^https?:\/\/\S+$/.test(value)) return null
  try { return new URL(value) }
  catch { return null }
}
