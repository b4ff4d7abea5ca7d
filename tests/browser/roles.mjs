// Who is what: reviewers vouch for a nurse, a social worker and an official on their pages. One word for a nurse is one of two; two
// give her the badge, by which she is found; one of them takes it back. A plumber is an expert in his field by one word, and a
// volunteer by the founder's. All through the pages; the nurse reads it in the elder version.
import { Household, browser, keeps, page, story } from './street.mjs';

const DAY_MS = 86_400_000;

await story(async (tell) => {
  const [li, wang, liang, he, zhou, luo] = ['li', 'wang', 'liang', 'he', 'zhou', 'luo'].map((name) => new Household(name));
  const links = [await li.serve(), await wang.serve(), await liang.serve()];
  for (const one of [he, zhou, luo]) await one.serve();
  await li.do('found', { building: '红棉里', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  const who = {};
  for (const [household, name, block] of [[wang, '王伯', '101'], [liang, '梁护士', '502'], [he, '何姐', '603'], [zhou, '周干事', '204'], [luo, '罗师傅', '305']]) {
    await household.do('apply', { invitation: ticket, name, block, household: `${block} 室`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    who[name] = (await household.wait('me', {}, '/person/name', name)).person.member;
    await li.wait('member', { member: who[name] }, '/person/name', name);
  }
  await li.do('set_role', { member: who['王伯'], role: 'reviewer', held: true });
  await wang.wait('me', {}, '/reviewer', true);
  for (const household of [wang, liang]) await household.wait('members', {}, '/rows/5/kind', 'person');

  const there = await browser();
  const [his, others, hers] = [await page(there, { size: 360 }), await page(there, { size: 1280 }), await page(there, { size: 360, elder: true })];
  await his.goto(links[0]);
  await others.goto(links[1]);
  await hers.goto(links[2]);
  const at = (seen, household, path) => seen.goto(`http://127.0.0.1:${household.port}${path}`);
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).click();
  const vouch = async (seen, household, name, capacity, rules) => {
    await at(seen, household, `/neighbours/${who[name]}`);
    await press(seen, `确认是${capacity}`);
    await seen.getByRole('dialog').getByText('全楼都看得到是你确认的', { exact: false }).waitFor();
    if (rules) await keeps(seen, rules);
    await seen.getByRole('dialog').getByRole('button', { name: '盖章确认' }).click();
    await seen.getByRole('dialog').waitFor({ state: 'detached' });
  };

  await vouch(his, li, '梁护士', '医护', 'a reviewer is asked');
  await his.getByText('医护，一位确认，还差一位').first().waitFor();
  await his.getByText('你确认了，还差一位审核人').waitFor();
  await keeps(his, 'one of two');
  await at(hers, liang, `/neighbours/${who['梁护士']}`);
  await hers.getByText('医护，一位确认，还差一位').first().waitFor();
  if ((await hers.getByRole('button', { name: /^确认/ }).count()) > 0) throw new Error('who reviews nothing could vouch');
  await keeps(hers, 'she reads that one of two is missing');
  await at(hers, liang, '/neighbours');
  await hers.getByRole('link', { name: /梁护士/ }).waitFor();
  if ((await hers.getByRole('button', { name: '医护', exact: true }).count()) > 0) throw new Error('one reviewer alone made a nurse');
  tell('one reviewer: the nurse is one of two, and nobody finds her as a nurse');

  await vouch(others, wang, '梁护士', '医护');
  for (const [name, capacity] of [['何姐', '社工'], ['周干事', '网格员或居委会']]) {
    await vouch(his, li, name, capacity);
    await vouch(others, wang, name, capacity);
  }
  await hers.getByRole('button', { name: '医护', exact: true }).click();
  await listed(hers, ['梁护士']);
  await hers.getByRole('link', { name: /梁护士.*医护/ }).waitFor();
  await hers.getByRole('button', { name: '网格员或居委会', exact: true }).click();
  await listed(hers, ['周干事']);
  await keeps(hers, 'found by what they are');
  await hers.getByRole('searchbox').fill('社工');
  await hers.getByText('没有找到这位街坊').waitFor();
  await hers.getByRole('button', { name: '网格员或居委会', exact: true }).click();
  await listed(hers, ['何姐']);
  await at(hers, liang, `/neighbours/${who['何姐']}`);
  for (const name of ['王伯', '李叔']) await hers.getByRole('button', { name: new RegExp(`社工\\s*.*${name}确认的`) }).waitFor();
  await keeps(hers, 'who vouched');
  await hers.getByRole('button', { name: /王伯确认的/ }).click();
  await hers.getByRole('dialog').getByText(/王伯确认.*何姐是社工/).first().waitFor();
  await hers.getByRole('dialog').getByText('核对无误').waitFor();
  await keeps(hers, 'the proof of a word');
  tell('two reviewers: a nurse, a social worker and an official have their badges and are found by them');

  await at(his, li, `/neighbours/${who['罗师傅']}`);
  await press(his, '选一门');
  await his.getByRole('dialog').getByRole('radio', { name: /^水电行家/ }).click();
  await keeps(his, 'a field is chosen');
  await his.getByRole('dialog').getByRole('button', { name: '盖章确认' }).click();
  await his.getByRole('dialog').waitFor({ state: 'detached' });
  await his.getByRole('button', { name: '收回：水电行家' }).waitFor();
  for (const capacity of ['安保', '监护人']) {
    await vouch(his, li, '罗师傅', capacity);
    await his.getByRole('button', { name: `收回：${capacity}`, exact: true }).waitFor();
  }
  await press(his, '请这位街坊做小屋志愿者');
  await his.getByRole('button', { name: '收回小屋志愿者' }).waitFor();
  await keeps(his, 'an expert and a volunteer');
  await at(hers, liang, '/neighbours');
  await hers.getByRole('searchbox').fill('');
  await hers.getByRole('button', { name: '行家', exact: true }).click();
  await listed(hers, ['罗师傅']);
  await hers.getByRole('link', { name: /罗师傅.*水电行家/ }).click();
  await hers.getByText('小屋志愿者', { exact: true }).first().waitFor();
  await hers.getByText('水电行家', { exact: true }).first().waitFor();
  await keeps(hers, 'an expert in a field');
  tell('one reviewer: an expert in his field, a guard, a guardian; the founder: a volunteer');

  await at(others, wang, `/neighbours/${who['罗师傅']}`);
  await press(others, '说不是安保');
  await others.getByRole('dialog').getByText('你这一句抵掉一位审核人的确认', { exact: false }).waitFor();
  await keeps(others, 'speaking against it is asked');
  await others.getByRole('dialog').getByRole('button', { name: '盖章，说不是' }).click();
  await others.getByText('你说过不是').waitFor();
  await at(hers, liang, '/neighbours');
  await hers.getByRole('button', { name: '监护人', exact: true }).waitFor();
  await hers.getByRole('button', { name: '安保', exact: true }).waitFor({ state: 'detached' });
  await press(others, '收回：安保');
  await others.getByRole('dialog').getByRole('button', { name: '收回', exact: true }).click();
  await hers.getByRole('button', { name: '安保', exact: true }).waitFor();
  tell('one word against outweighs one for it, until it is taken back');

  await at(others, wang, `/neighbours/${who['梁护士']}`);
  await press(others, '收回：医护');
  await keeps(others, 'taking back is asked');
  await others.getByRole('dialog').getByRole('button', { name: '收回', exact: true }).click();
  await others.getByText('医护，一位确认，还差一位').first().waitFor();
  await keeps(others, 'taken back');
  await at(hers, liang, `/neighbours/${who['梁护士']}`);
  await hers.getByText('医护，一位确认，还差一位').first().waitFor();
  await at(hers, liang, '/neighbours');
  await hers.getByRole('button', { name: '社工', exact: true }).waitFor();
  if ((await hers.getByRole('button', { name: '医护', exact: true }).count()) > 0) throw new Error('a nurse by one word after the other was taken back');
  await liang.do('vouch', { member: who['何姐'], capacity: 'medical', opinion: 'for' }).then(
    () => { throw new Error('who reviews nothing vouched by the table'); },
    (refused) => { if (!/role-missing/.test(`${refused.stdout}${refused.stderr}`)) throw refused; },
  );
  tell('taken back: one of two again; who reviews nothing is refused');
});

/** Waits until the list of neighbours shows these and nobody else. */
async function listed(seen, names) {
  await seen.waitForFunction(
    (names) => {
      const seen = [...document.querySelectorAll('[role=group] .name')].filter((name) => name.checkVisibility({ checkVisibilityCSS: true }));
      const rows = seen.map((row) => row.textContent);
      return rows.length === names.length && names.every((name) => rows.some((row) => row.includes(name)));
    },
    names,
  );
}
