import { primaryKeyError } from '../protocol/primary-key'

/** One value that a user may set: how it is read, and which values are accepted. */
export interface Setting<T> {
  readonly fallback: T
  /** Environment variables for this setting. The first one that is set counts. */
  readonly variables?: readonly string[]
  /** Which values are accepted, in words, for error messages. */
  readonly accepted: string
  /** Returns the value to use, or undefined if `value` is not accepted. Text is passed trimmed, and is never empty. */
  readonly read: (value: unknown) => T | undefined
  /** The wrong part of a value that is not accepted, for error messages. Default: the whole value. */
  readonly faultOf?: (value: unknown) => unknown
  /** Error messages never show the value. */
  readonly isSecret?: true
}

/** The unit of a number. */
export type SettingUnit = 'bytes' | 'milliseconds' | 'days'

/** The texts about a setting in docs and types. After a change run `npm run docs:settings`, which writes them there. */
export interface SettingText {
  /** What the setting is for, in one or two plain sentences. The unit is added by the script. */
  readonly about: string
  /** The default in words. Absent: the docs show `fallback`. */
  readonly otherwise?: string
}

/** A setting with its texts for types and docs. */
export interface DeclaredSetting<T> extends Setting<T>, SettingText {
  /** Its TypeScript type in the options. */
  readonly type: string
  readonly unit?: SettingUnit
  /** The accepted words, if the setting is one of a few words. */
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

/** An id: 1 to 256 characters, without control characters. */
export function id(input: SettingInput): DeclaredSetting<string> {
  return {
    ...input, fallback: '', type: 'string', accepted: 'text of 1 to 256 characters without control characters',
    read: value => primaryKeyError(value) === null ? value as string : undefined,
  }
}

/** A name in a token: printable text without spaces. */
export function tokenName(input: SettingInput & { fallback: string }): DeclaredSetting<string> {
  return {
    ...input, type: 'string', accepted: '1 to 256 printable ASCII characters without spaces',
    read: value => typeof value === 'string' && /^[\x21-\x7E]{1,256}$/.test(value) ? value : undefined,
  }
}

export function secret(input: SettingInput): DeclaredSetting<string> {
  return { ...text(input), isSecret: true }
}

/** A key, as text (JWK or PEM) or as a JWK object. */
export function key(input: SettingInput): DeclaredSetting<string> {
  return {
    ...input, fallback: '', type: 'string', accepted: 'a JWK or PEM', isSecret: true,
    read: value => typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : undefined,
  }
}

/** One of a few words. `type` is the TypeScript type for them. */
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

/** A number, or a text that `Number` can read. */
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
