/** The id of the element that the inspector is in. It scrolls. */
export const HOST_ID = 'or3-sync-inspector'
