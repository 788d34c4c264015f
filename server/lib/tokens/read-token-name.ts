import { invalidSetting } from '#or3-sync/shared/sync/invalid-setting'

const NAMES = {
  OR3_SYNC_TOKEN_ISSUER: { fallback: 'https://or3-sync', isValid: isHttpUrl, accepted: 'a URL such as https://app.example.com' },
  OR3_SYNC_TOKEN_AUDIENCE: { fallback: 'or3-sync', isValid: (text: string) => /^[\x21-\x7E]{1,256}$/.test(text), accepted: '1 to 256 printable ASCII characters without spaces' },
}

/**
 * The `iss` or `aud` of tokens; empty: the default.
 *
 * @throws Error of one line that names the variable
 */
export function readTokenName(given: string | undefined, variable: keyof typeof NAMES): string {
  const { fallback, isValid, accepted } = NAMES[variable]
  const text = given?.trim() || fallback
  if (!isValid(text)) throw invalidSetting(variable, JSON.stringify(text), accepted)
  return text
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text)
}
