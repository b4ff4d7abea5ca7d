/** What goods and orders say. */
import type { Good, Order, OrderStage } from '$backend';
import { m } from '$messages';
import { dateShort } from '$shared/time';

/** As the table has them. */
export const GOOD_BODY_CHARS_MAX = 500;
export const PIECES_MAX = 9999;

/** "东北大米·2 件"; of one piece its name alone. */
export function whatWord({ title, pieces }: Pick<Order, 'title' | 'pieces'>): string {
  const name = title ?? m.shop_something();
  return pieces > 1 ? m.shop_what({ title: name, pieces: m.shop_pieces({ n: pieces }) }) : name;
}

export function stageWord(stage: OrderStage, at_us = false): string {
  switch (stage) {
    case 'ordered': return m.shop_stage_ordered();
    case 'paid': return at_us ? m.shop_stage_paid_us() : m.shop_stage_paid();
    case 'picked-up': return m.shop_stage_picked_up();
    case 'declined': return m.shop_stage_declined();
    case 'called-off': return m.shop_stage_called_off();
    case 'paid-back': return m.shop_stage_paid_back();
  }
}

/** How a stage looks: what can be fetched is one's turn, what waits is amber, what is done is green. */
export function stageTone(stage: OrderStage): 'turn' | 'wait' | 'done' | 'off' {
  return ({ ordered: 'wait', paid: 'turn', 'picked-up': 'done', declined: 'off', 'called-off': 'wait', 'paid-back': 'off' } as const)[stage];
}

/** Whether something of it is still to come. */
export function isOpen({ stage }: Order): boolean {
  return stage === 'ordered' || stage === 'paid' || stage === 'called-off';
}

/** How many are left, for how many each, until when; the first of what stands in the way where it cannot be ordered. */
export function goodNote(good: Good, now: number): string {
  const parts: string[] = [];
  if (good.withdrawn_at != null || (good.until != null && good.until <= now)) parts.push(m.shop_over());
  else if (good.left === 0) parts.push(m.shop_sold_out());
  else {
    if (good.left != null) parts.push(m.shop_left({ n: good.left }));
    if (!good.mine && good.each != null && good.have >= good.each) parts.push(m.shop_cap());
    else if (good.each != null) parts.push(m.shop_each({ n: good.each }));
    if (good.until != null) parts.push(m.shop_until({ day: dateShort(good.until - 1, now) }));
  }
  return parts.join(' · ');
}

/** Goods by whose they are, the shops in order of their names. */
export function byShop(goods: readonly Good[]): Good[][] {
  const shops = new Map<string, Good[]>();
  for (const good of goods) shops.set(good.shop.member, [...(shops.get(good.shop.member) ?? []), good]);
  return [...shops.values()].sort((a, b) => (a[0]?.shop.name ?? '').localeCompare(b[0]?.shop.name ?? '', 'zh'));
}
