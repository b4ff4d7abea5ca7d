/** The longest title and text that a listing may have, in characters, and the most points. */
export const TITLE_CHARS_MAX = 60;
export const BODY_CHARS_MAX = 2000;
export const POINTS_MAX = 1_000_000;
