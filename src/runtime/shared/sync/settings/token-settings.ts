import { url, type Setting } from './setting'

const audience: Setting<string> = {
  fallback: 'or3-sync',
  variables: ['OR3_SYNC_TOKEN_AUDIENCE'],
  accepted: '1 to 256 printable ASCII characters without spaces',
  read: value => typeof value === 'string' && /^[\x21-\x7E]{1,256}$/.test(value) ? value : undefined,
}

/** The names in tokens. */
export const TOKEN_SETTINGS = { issuer: url('https://or3-sync', 'https://app.example.com', 'OR3_SYNC_TOKEN_ISSUER'), audience } as const
