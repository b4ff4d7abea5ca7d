import type { Notice, NoticeKind, Shell } from '$backend';
import { m } from '$messages';

const words: Record<NoticeKind, { title: () => string; body: (told: { n: number }) => string }> = {
  turn: { title: m.notices_turn, body: m.notices_turn_body },
  fit: { title: m.notices_fit, body: m.notices_fit_body },
  request: { title: m.notices_request, body: m.notices_request_body },
};

/** What a notification says: what kind of thing and how many. It may stand on a locked screen, so no names and no needs. */
export function noticeWords({ kind, count }: Notice): { title: string; body: string } {
  return { title: words[kind].title(), body: words[kind].body({ n: count }) };
}

/** Shows the notice as the system's notification; not while somebody looks at the page, which shows it itself. */
export async function tellNotice(shell: Shell, notice: Notice) {
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  const { title, body } = noticeWords(notice);
  await shell.notify(title, body, notice.place);
}
