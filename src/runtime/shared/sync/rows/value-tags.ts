/**
 * Values that JSON cannot carry travel as one-key objects:
 * `{"$date": ms}`, `{"$bigint": "…"}`, `{"$bytes": base64}`, `{"$number": "NaN" | "Infinity" | "-Infinity"}`.
 * A real one-key object of such a name travels as `{"$escape": {…}}`.
 */
export const VALUE_TAGS: ReadonlySet<string> = new Set(['$date', '$bigint', '$bytes', '$number', '$escape'])
