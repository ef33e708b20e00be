/** Hidden layers of a network. */
export const MOST_LAYERS = 16
/** Units of one of them. */
export const MOST_UNITS = 16_384
/** Numbers that a category becomes. */
export const MOST_EMBEDDING = 256
