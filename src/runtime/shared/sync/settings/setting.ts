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

export function flag(...variables: string[]): Setting<boolean> {
  return {
    fallback: false, variables, accepted: 'true or false',
    read: value => value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
  }
}

export function text(...variables: string[]): Setting<string> {
  return { fallback: '', variables, accepted: 'text', read: value => typeof value === 'string' ? value : undefined }
}

/** Text of the form of ids: 1 to 256 characters, none of them a control character. */
export function id(...variables: string[]): Setting<string> {
  return { fallback: '', variables, accepted: 'text of 1 to 256 characters without control characters', read: value => primaryKeyError(value) === null ? value as string : undefined }
}

export function secret(...variables: string[]): Setting<string> {
  return { ...text(...variables), isSecret: true }
}

/** A key, as text or as the object that the text describes. */
export function key(...variables: string[]): Setting<string> {
  return {
    fallback: '', variables, accepted: 'a JWK or PEM', isSecret: true,
    read: value => typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : undefined,
  }
}

export function word<const W extends string, const F extends W | ''>(fallback: F, words: readonly W[], ...variables: string[]): Setting<W | F> {
  return { fallback, variables, accepted: words.join(', '), read: value => words.find(known => known === value) }
}

export function url(fallback: string, example: string, ...variables: string[]): Setting<string> {
  return { fallback, variables, accepted: `a URL such as ${example}`, read: value => parseHttpUrl(value) ? value as string : undefined }
}

export interface NumberRange {
  min: number
  /** Default: none. */
  max?: number
  /** Whether `Infinity` is accepted, for no limit. */
  mayBeInfinite?: true
  /** Whether fractions are accepted. */
  mayBeFraction?: true
}

/** A number, or text that is one. */
export function number(fallback: number, { min, max = Infinity, mayBeInfinite, mayBeFraction }: NumberRange): Setting<number> {
  const range = max === Infinity ? `${min} or more` : `${min} to ${max}`
  return {
    fallback, accepted: `a ${mayBeFraction ? '' : 'whole '}number, ${range}${mayBeInfinite ? ', or Infinity for no limit' : ''}`,
    read(value) {
      const read = typeof value === 'string' ? Number(value) : value
      if (typeof read !== 'number' || Number.isNaN(read) || read < min || read > max) return undefined
      if (read === Infinity) return mayBeInfinite && read
      return mayBeFraction || Number.isSafeInteger(read) ? read : undefined
    },
  }
}

/** A list of origins, or text with commas between them. */
export function origins(...variables: string[]): Setting<string[]> {
  const listed = (value: unknown): unknown[] => Array.isArray(value) ? value : typeof value === 'string' ? value.split(',').map(each => each.trim()).filter(Boolean) : [value]
  return {
    fallback: [], variables, accepted: 'origins such as https://app.example.com, without a path, separated by commas',
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
