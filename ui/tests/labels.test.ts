import { expect, test } from 'vitest';
import type { ShelfRow } from '$backend';
import { codeWord, labelText, readLabel, shelvesOf } from '$lib/shelf/labels';

const row = (id: string, shelf?: string) => ({ listing: { id: id.padEnd(32, '0'), shelf: shelf ?? null }, code: id.slice(0, 8) }) as unknown as ShelfRow;
const ladder = row('3f9a12bc77', 'A 架');
const drill = row('3f9b00aa11', 'A 架');
const books = row('0012aabbcc');
const rows = [ladder, drill, books];

test('a label and its typed code lead to the thing, however they are written', () => {
  for (const text of [labelText(ladder.listing.id), '3f9a12bc', '3F9A 12BC', ' 3f9a-12bc\n', 'KAIFONG:THING:' + ladder.listing.id]) {
    expect(readLabel(text, rows), text).toEqual({ hit: ladder });
  }
  expect(codeWord(ladder.code)).toBe('3f9a 12bc');
});

test('what is no label, what lies elsewhere and what is too short is said so', () => {
  for (const text of ['', '3f9', 'https://example.org', '电钻', labelText(''), 'f'.repeat(33), 'f'.repeat(100_000)]) expect(readLabel(text, rows)).toBe('unread');
  expect(readLabel(labelText('f'.repeat(32)), rows)).toBe('foreign');
  expect(readLabel('3f9a12bd', rows)).toBe('foreign');
  expect(readLabel('3f9a', [ladder, row('3f9aff')])).toBe('several');
});

test('shelves stand in order, what lies nowhere among them', () => {
  expect(shelvesOf(rows)).toEqual(['A 架', undefined]);
});
