/** The one workspace that all devices and writers share. */
export const WORKSPACE = 'soak'
