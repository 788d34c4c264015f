/** The `sub` of the tokens that the gateway itself uses at a store. They only allow reading version numbers. No user may have this id. */
export const SERVICE_SUBJECT = 'or3-sync:gateway'
