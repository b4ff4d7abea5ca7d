/** Which of this device's buildings a page shows: one, for as long as the page is open. Another one is another page. */

/** The building in the data folder itself: the only one, on most devices. */
export const FIRST_HOME = '0'.repeat(16);
const KEY = 'kaifong.home';
const HOME = /^[0-9a-f]{16}$/;

function chosen(): string {
  try {
    // Two tabs may show two buildings; a new one begins where this person was last.
    const said = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);
    return said !== null && HOME.test(said) ? said : FIRST_HOME;
  } catch {
    return FIRST_HOME;
  }
}

/** The building that this page shows. */
export const here = chosen();

/** Opens another building's page in place of this one. Nothing that was read here is left: not a row, not a draft. */
export function goHome(home: string, place = '/') {
  try {
    sessionStorage.setItem(KEY, home);
    localStorage.setItem(KEY, home);
  } catch {
    // A browser that keeps nothing shows the first building.
  }
  location.assign(place);
}
