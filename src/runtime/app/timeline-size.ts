/** How many events are kept where the inspector is: they are its timeline. */
export const TIMELINE_SIZE = 500
