/** Turns the sign-in without a password on or off: `true` or `false`. Default: on in development, off in a built server. */
const VARIABLE = 'OR3_PLAYGROUND_DEMO'

/** Whether a name without a password is enough to sign in. */
export function isDemo(): boolean {
  const said = process.env[VARIABLE]?.trim().toLowerCase()
  return said ? said === 'true' : Boolean(import.meta.dev)
}

/** The text shown when it is not. */
export const HOW_TO_SWITCH_DEMO_ON = `sign-in needs no password here, so it is off: start the server with ${VARIABLE}=true if this is a demo`
