import { tokenName, url } from './setting'

/** The names in tokens. */
export const TOKEN_SETTINGS = {
  issuer: url({
    about: '`iss` of tokens: a URL, as a name; nobody fetches it.',
    fallback: 'https://or3-sync', example: 'https://app.example.com', variables: ['OR3_SYNC_TOKEN_ISSUER'],
  }),
  audience: tokenName({ about: '`aud` of tokens; Convex calls it `applicationID`.', fallback: 'or3-sync', variables: ['OR3_SYNC_TOKEN_AUDIENCE'] }),
} as const
