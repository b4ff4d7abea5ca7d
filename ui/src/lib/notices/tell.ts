import type { Heard, NoticeKind, Shell } from '$backend';
import { m } from '$messages';

const words: Record<NoticeKind, { title: () => string; body: (told: { n: number }) => string }> = {
  turn: { title: m.notices_turn, body: m.notices_turn_body },
  fit: { title: m.notices_fit, body: m.notices_fit_body },
  activity: { title: m.notices_activity, body: m.notices_activity_body },
  request: { title: m.notices_request, body: m.notices_request_body },
};

/**
 * What a notification says: what kind of thing and how many, and in which building where there are several. It may stand on a
 * phone's locked screen, so no neighbour's names and no needs.
 */
export function noticeWords(notice: Heard): { title: string; body: string } {
  if (notice === 'hidden') return { title: m.notices_hidden(), body: m.notices_hidden_body() };
  const { kind, count, building } = notice;
  const title = words[kind].title();
  return { title: building ? m.homes_notice({ building, title }) : title, body: words[kind].body({ n: count }) };
}

/** Shows the notice as the system's notification; not while somebody looks at the page, which shows it itself. A locked one does not. */
export async function tellNotice(shell: Shell, notice: Heard) {
  const hidden = notice === 'hidden';
  if (!hidden && !notice.elsewhere && document.visibilityState === 'visible' && document.hasFocus()) return;
  const { title, body } = noticeWords(notice);
  await shell.notify(title, body, hidden ? '/' : notice.place);
}
