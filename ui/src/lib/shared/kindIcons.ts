import type { Kind } from '$backend';
import BookOpen from '@lucide/svelte/icons/book-open';
import Grid3x3 from '@lucide/svelte/icons/grid-3x3';
import Hourglass from '@lucide/svelte/icons/hourglass';
import Stethoscope from '@lucide/svelte/icons/stethoscope';
import Toolbox from '@lucide/svelte/icons/toolbox';
import Wrench from '@lucide/svelte/icons/wrench';

/** The kinds as they are drawn in filters and rows. */
export const kindIcons = { item: Toolbox, knowledge: BookOpen, skill: Wrench, time: Hourglass, space: Grid3x3, medical: Stethoscope } satisfies Record<Kind, unknown>;
