/** The longest title and text that a listing may have, in characters, and the most points. */
export const TITLE_CHARS_MAX = 60;
export const BODY_CHARS_MAX = 2000;
/** The longest that it may be told where a thing lies, in characters; how many own it beside its keeper. */
export const SHELF_CHARS_MAX = 30;
export const PLACES_MAX = 100;
export const OWNERS_MAX = 11;
export const POINTS_MAX = 1_000_000;
