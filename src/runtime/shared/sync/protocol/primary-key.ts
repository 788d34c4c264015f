import { PK_MAX_LENGTH } from './limits'

const CONTROL = /\p{Cc}/u

/** @returns why this is no primary key, or null when it is one. */
export function primaryKeyError(pk: unknown): string | null {
  if (typeof pk !== 'string') return `a primary key must be a string, not ${pk === null ? 'null' : typeof pk}`
  if (pk.length === 0) return 'a primary key must not be empty'
  if (pk.length > PK_MAX_LENGTH) return `a primary key has at most ${PK_MAX_LENGTH} characters, this one has ${pk.length}`
  if (CONTROL.test(pk)) return 'a primary key must not contain control characters'
  if (!isWellFormed(pk)) return 'a primary key must be well-formed Unicode (it has a lone surrogate)'
  return null
}

function isWellFormed(text: string): boolean {
  // `String.prototype.isWellFormed` is from 2023. `encodeURIComponent` throws on lone surrogates in every browser.
  try { encodeURIComponent(text); return true }
  catch { return false }
}
