import { tokenName, url } from './setting'

/** The names that the gateway writes into tokens. */
export const TOKEN_SETTINGS = {
  issuer: url({
    about: '`iss` of tokens. A URL that is only used as a name: it is never fetched.',
    fallback: 'https://or3-sync', example: 'https://app.example.com', variables: ['OR3_SYNC_TOKEN_ISSUER'],
  }),
  audience: tokenName({ about: '`aud` of tokens. Convex calls it `applicationID`.', fallback: 'or3-sync', variables: ['OR3_SYNC_TOKEN_AUDIENCE'] }),
} as const
