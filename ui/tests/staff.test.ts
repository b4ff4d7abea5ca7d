import { describe, expect, it } from 'vitest';
import type { Person, ReviewNote } from '../src/backend';
import { nameOf, nameOrYou, replierOf } from '../src/lib/shared/words';
import { overwriteGetLocale } from '../src/paraglide/runtime.js';

overwriteGetLocale(() => 'zh-Hans');
const firm: Person = { member: 'f'.repeat(32), name: '丽景物业', block: '' };
const hand = (name: string) => ({ device: 'd'.repeat(64), name, post: '前台' });

describe('who of an organisation it was', () => {
  it('stands beside the organisation, and is a colleague where nobody was named', () => {
    expect(nameOf(firm)).toBe('丽景物业');
    expect(nameOf({ ...firm, hand: hand('小陈') })).toBe('丽景物业 · 小陈');
    expect(nameOf({ ...firm, hand: hand('') })).toBe('丽景物业 · 一位同事');
    expect(nameOf({ ...firm, hand: hand('小陈'), stay: 'left' })).toBe(`${nameOf({ ...firm, stay: 'left' })} · 小陈`);
  });

  it('is nobody while the organisation itself has no name here', () => {
    expect(nameOf({ ...firm, name: '', hand: hand('小陈') })).toBe(nameOf({ ...firm, name: '' }));
    expect(nameOf({ ...firm, name: '', stay: 'left', hand: hand('') })).toBe(nameOf({ ...firm, name: '', stay: 'left' }));
  });

  it('is the colleague alone among colleagues, never 你', () => {
    expect(nameOrYou({ ...firm, hand: hand('小陈') }, firm.member)).toBe('小陈');
    expect(nameOrYou(firm, firm.member)).toBe('你');
    expect(nameOrYou({ ...firm, hand: hand('小陈') }, 'a'.repeat(32))).toBe('丽景物业 · 小陈');
  });

  it('is everybody whose words stand in a reply', () => {
    const said: ReviewNote = {
      by: { member: 'a'.repeat(32), name: '李叔', block: '' }, about: firm, deal: '1'.repeat(32), stars: 5, text: '', at: 1,
      reply: { text: '谢谢', at: 2, hands: [hand('小陈'), hand('')] },
    };
    expect(nameOf(replierOf(said))).toBe('丽景物业 · 小陈、一位同事');
    expect(nameOf(replierOf({ ...said, reply: { text: '谢谢', at: 2 } }))).toBe('丽景物业');
  });
});
