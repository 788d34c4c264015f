/** The reason of a rescan that the app has asked for with `rescan()`. All others are the engine's own. */
export const ASKED_FOR = 'asked for'
