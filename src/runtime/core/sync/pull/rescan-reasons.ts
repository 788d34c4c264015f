/** Of the app, by `rescan()`. All other rescans are the engine's own. */
export const ASKED_FOR = 'asked for'
