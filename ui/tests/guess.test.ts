import { expect, test } from 'vitest';
import { essence, guess, modeOf, split } from '../src/lib/post/guess';

test.each([
  ['厨房水龙头一直滴水，想请懂的邻居来看看，周五晚上在家', 'skill'],
  ['想借一把人字梯换灯泡', 'item'],
  ['谁家有轮椅可以借两天', 'medical'],
  ['电子血压计和拐杖可以借', 'medical'],
  ['教孩子写毛笔字', 'knowledge'],
  ['手机不会用，想请人教教', 'knowledge'],
  ['周六想找人带孩子两小时', 'time'],
  ['帮忙遛狗', 'time'],
  ['客厅可以下棋', 'space'],
  ['车位白天空着', 'space'],
  ['洗衣机坏了', 'skill'],
  ['会修电脑', 'skill'],
  ['婴儿床送人', 'item'],
  ['My tap is leaking', 'skill'],
  ['Ladder to lend', 'item'],
  ['Can teach piano', 'knowledge'],
  ['有点难过', null],
])('%s: %s', (text, kind) => {
  expect(guess(text, 'need').kind).toBe(kind);
});

test.each([
  ['婴儿床送人', 'donate'],
  ['旧书义卖', 'charity-sale'],
  ['绘本想交换', 'swap'],
  ['拿烤箱换自行车', 'swap'],
  ['梯子可以借', 'share'],
  ['电钻一把', 'share'],
])('%s is offered to %s', (text, mode) => {
  expect(modeOf(text, 'offer')).toBe(mode);
});

test('a need leaves the way open if nothing tells it; only things have one', () => {
  expect(guess('想要一张桌子', 'need').mode).toBeNull();
  expect(guess('接送孩子', 'offer')).toMatchObject({ kind: 'time', mode: null });
});

test.each([
  ['修水龙头，20 分', 20],
  ['修水龙头，谢二十分', 20],
  ['十五积分', 15],
  ['十分感谢', null],
  ['大概 20 分钟', null],
  ['部分零件', null],
  ['免费教', 0],
  ['30 points for help', 30],
  ['什么也没写', null],
])('%s: %s points', (text, points) => {
  expect(guess(text, 'need').points).toBe(points);
});

test('hours become points at the building’s own rate, for what takes time', () => {
  expect(guess('周六想找人带孩子两小时', 'need', 10)).toMatchObject({ points: 20, hours: 2 });
  expect(guess('陪老人一个半小时', 'need', 10)).toMatchObject({ points: 15, hours: 1.5 });
  expect(guess('陪老人半小时', 'need', 10)).toMatchObject({ points: 5, hours: 0.5 });
  expect(guess('陪老人 2 小时，谢 30 分', 'need', 10)).toMatchObject({ points: 30, hours: null });
  expect(guess('借梯子两小时', 'need', 10)).toMatchObject({ points: null, hours: null });
  expect(guess('带孩子两小时', 'need')).toMatchObject({ points: null, hours: null });
});

test('the first clause is the title, the rest the text', () => {
  expect(split('厨房水龙头一直滴水，想请懂的邻居来看看')).toEqual({ title: '厨房水龙头一直滴水', body: '想请懂的邻居来看看' });
  expect(split('大家好，我想借梯子。周六用')).toEqual({ title: '我想借梯子', body: '周六用' });
  expect(split('借梯子')).toEqual({ title: '借梯子', body: '' });
  expect(split('  ')).toEqual({ title: '', body: '' });
  expect(split('你好')).toEqual({ title: '你好', body: '' });
  const long = '梯'.repeat(80);
  const cut = split(long);
  expect([...cut.title].length).toBe(60);
  expect(cut.body).toBe(long);
});

test('a search goes by the thing, not by what is said around it', () => {
  expect(essence('想借一把人字梯')).toBe('人字梯');
  expect(essence('家里有一把人字梯')).toBe('人字梯');
  expect(essence('厨房水龙头一直滴水')).toBe('厨房水龙头 滴水');
  expect(essence('I need a ladder')).toBe('ladder');
  expect(essence('想')).toBe('想');
});
