import { expect, test } from 'vitest';
import { digitsOf, inGroups, isSheet, wrongGroup } from '../src/lib/shared/sheet';

/** As the device prints it. */
const SHEET = '03298 67650 88905 64106 73248 14508 11714 76018 01748 53001';

test('a sheet is read as people type it', () => {
  expect(isSheet(SHEET)).toBe(true);
  expect(isSheet(SHEET.replaceAll(' ', '-'))).toBe(true);
  expect(isSheet(SHEET.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))))).toBe(true);
  expect(inGroups(digitsOf(SHEET))).toBe(SHEET);
});

test('a slip is found in its group, and half a sheet is no sheet', () => {
  const digits = digitsOf(SHEET);
  for (let at = 0; at < digits.length; at++) {
    const slip = digits.slice(0, at) + String((Number(digits[at]) + 1) % 10) + digits.slice(at + 1);
    expect(wrongGroup(slip)).toBe(Math.floor(at / 5) + 1);
  }
  expect(wrongGroup(digits.slice(0, 23))).toBeUndefined();
  expect(isSheet(digits.slice(0, 45))).toBe(false);
  expect(isSheet('')).toBe(false);
});
