/** How names are compared: upper and lower case, wide and narrow letters alike, without spaces. 繁 and 简 are told apart. */
export function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
