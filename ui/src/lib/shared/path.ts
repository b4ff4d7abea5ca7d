/** The place, if it is a path of these pages; `undefined` for what a browser could read as an address elsewhere. */
export function ownPath(said: string | null | undefined): string | undefined {
  return said && /^\/[\x21-\x5b\x5d-\x7e]*$/.test(said) && !said.includes('//') ? said : undefined;
}
