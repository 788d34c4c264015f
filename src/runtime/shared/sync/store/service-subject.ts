/** The subject of the gateway's own tokens for a store. It opens version numbers and nothing else, and no user may have it as an id. */
export const SERVICE_SUBJECT = 'or3-sync:gateway'
