/** Who signs the tokens: the app's own server. `OR3_SYNC_JWKS`, set on the deployment, is where its public keys are, a URL or a data URI. */
export default {
  providers: [{
    type: 'customJwt',
    issuer: 'https://or3-sync',
    applicationID: 'or3-sync',
    algorithm: 'ES256',
    jwks: process.env.OR3_SYNC_JWKS,
  }],
}
