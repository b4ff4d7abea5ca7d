/** The digits of a recovery sheet: ten groups of five, the fifth of each checks the others and the group's place. */

export const GROUPS = 10;
const SIZE = 5;
/** The quasigroup of Damm (2004). */
const DAMM = ['0317598642', '7092154863', '4206871359', '1750983426', '6123045978', '3674209581', '5869720134', '8945362017', '9438617205', '2581436790'];

/** Only the digits of what was typed or scanned, also of those in full width. */
export function digitsOf(said: string): string {
  return said.normalize('NFKC').replace(/[^0-9]/g, '');
}

/** The digits in their groups, as they stand on the sheet. */
export function inGroups(digits: string): string {
  return digits.replace(/(\d{5})(?=\d)/g, '$1 ');
}

/** The first full group with a wrong digit, from 1. */
export function wrongGroup(said: string): number | undefined {
  const digits = digitsOf(said);
  for (let group = 0; group < GROUPS; group++) {
    const part = digits.slice(group * SIZE, (group + 1) * SIZE);
    if (part.length < SIZE) return undefined;
    // All five digits, the check with them, lead back to nothing.
    const end = [String(group), ...part].reduce((at, digit) => Number(DAMM[at]?.[Number(digit)]), 0);
    if (end !== 0) return group + 1;
  }
  return undefined;
}

/** Whether there are as many digits as on a sheet, and all of them fit. */
export function isSheet(said: string): boolean {
  return digitsOf(said).length === GROUPS * SIZE && wrongGroup(said) === undefined;
}
