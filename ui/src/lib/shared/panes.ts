import { createContext } from 'svelte';

/** The pane that scrolls around a list; nothing where the window scrolls. */
export const [pane, setPane] = createContext<() => HTMLElement | undefined>();
