import { expect, test } from 'vitest';
import type { Person, Zone } from '../src/backend/api';
import { argsOf, differs, faultOf, lost, planOf, spread } from '../src/lib/places/map';
import { byPlace, livesIn, placeWord, zoneOf } from '../src/lib/shared/zones';
import { guessed } from '../src/lib/welcome/place';

const tower = (id: number, name: string, members = 0) => ({ id, name, kind: 'tower' as const, members });
const zones: Zone[] = [
  { id: 1, name: '南块', blocks: [tower(11, '1栋', 2), tower(13, '3栋')] },
  { id: 2, name: '北块', blocks: [tower(21, '1栋'), tower(213, '13栋')] },
  { id: 3, name: '', blocks: [{ id: 31, name: '东街', kind: 'street', members: 0 }] },
];
const person = (name: string, place: number | null): Person => ({ member: name, name, block: '', place });

test('several blocks are read as people write them', () => {
  expect(spread('1-3', 'tower')).toEqual(['1栋', '2栋', '3栋']);
  expect(spread('A-C座', 'tower')).toEqual(['A座', 'B座', 'C座']);
  expect(spread('上村1至2组', 'group')).toEqual(['上村1组', '上村2组']);
  expect(spread('东街、西街，5', 'street')).toEqual(['东街', '西街', '5街']);
  expect(spread('7, 7栋', 'tower')).toEqual(['7栋']);
  // Nobody means these as a range.
  expect(spread('9-1', 'tower')).toEqual(['9-1']);
  expect(spread('1-999', 'tower')).toEqual(['1-999']);
});

test('a map that is as it is now changes nothing, and numbers stay with what is called otherwise', () => {
  const plan = planOf(zones);
  expect(differs(zones, plan)).toBe(false);
  plan[0]!.blocks[1]!.name = '3座';
  plan.push({ id: null, name: '', blocks: [] });
  expect(differs(zones, plan)).toBe(true);
  expect(argsOf(plan)[0]!.blocks[1]).toEqual({ id: 13, name: '3座', kind: 'tower' });
  expect(argsOf(plan)).toHaveLength(3);
});

test('who would lose their block is told, and what is wrong with a map too', () => {
  const plan = planOf(zones);
  plan[0]!.blocks.splice(0, 1);
  expect(lost(zones, plan)).toEqual([{ name: '南块 1栋', members: 2 }]);
  expect(faultOf(plan)).toBeUndefined();
  plan[1]!.blocks[1]!.name = '1栋';
  expect(faultOf(plan)).toBe('block-twice');
  plan[1]!.name = '南块';
  expect(faultOf(plan)).toBe('zone-twice');
  plan[1]!.name = '一二三四五六七八九十一二三';
  expect(faultOf(plan)).toBe('name-long');
});

test('a place is called with its zone, and lies in it', () => {
  expect(placeWord(zones, 13)).toBe('南块 3栋');
  expect(placeWord(zones, 31)).toBe('东街');
  expect(placeWord(zones, 2)).toBe('北块');
  expect(placeWord(zones, 99)).toBeUndefined();
  expect(zoneOf(zones, 31)).toBeUndefined();
  expect(livesIn(zones, person('陈姨', 13), 1)).toBe(true);
  expect(livesIn(zones, person('陈姨', 13), 2)).toBe(false);
  expect(livesIn(zones, person('陈姨', null), 1)).toBe(false);
});

test('neighbours are put together block by block in the order of the map, last who says none', () => {
  const rows = [person('甲', null), person('乙', 21), person('丙', 11), person('丁', 99), person('戊', 11)];
  expect(byPlace(zones, rows, (row) => row).map(({ word, rows }) => [word, rows.map((row) => row.name).join('')])).toEqual([
    ['南块 1栋', '丙戊'], ['北块 1栋', '乙'], [undefined, '甲丁'],
  ]);
});

test('an address that was written freely is found on the map where it can mean one block only', () => {
  expect(guessed(zones, '三栋')).toEqual({ block: null, floor: '', unit: '' });
  expect(guessed(zones, '3 栋 502 室')).toEqual({ block: 13, floor: '5', unit: '502' });
  expect(guessed(zones, '13栋1802')).toEqual({ block: 213, floor: '18', unit: '1802' });
  expect(guessed(zones, '1栋502')).toEqual({ block: null, floor: '', unit: '502' });
  expect(guessed(zones, '北块1栋502')).toEqual({ block: 21, floor: '5', unit: '502' });
  expect(guessed(zones, '东街12号铺')).toEqual({ block: 31, floor: '', unit: '12' });
});
