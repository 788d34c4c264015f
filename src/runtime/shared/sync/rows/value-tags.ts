/**
 * Values that JSON does not have are sent as objects with one key:
 * `{"$date": ms}`, `{"$bigint": "…"}`, `{"$bytes": base64}`, `{"$number": "NaN" | "Infinity" | "-Infinity"}`.
 * An object of the app that looks like one of these is sent as `{"$escape": {…}}`.
 */
export const VALUE_TAGS: ReadonlySet<string> = new Set(['$date', '$bigint', '$bytes', '$number', '$escape'])
