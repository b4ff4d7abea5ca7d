// A donor's medical devices: found by their tile, wanted by a neighbour, handed over only when they have been cleaned and checked,
// and to be checked anew when they have come back.
import { Household, browser, catalogues, page, story, work } from './street.mjs';
import { join } from 'node:path';

await story(async (tell) => {
  const say = catalogues['zh-Hans'];
  const [li, he, ma] = [new Household('li'), new Household('he'), new Household('ma')];
  await li.serve();
  const links = [await he.serve(), await ma.serve()];
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: 86_400_000 });
  for (const [who, name, kind] of [[he, '仁心基金会', 'donor'], [ma, '马姐', 'person']]) {
    await who.do('apply', { invitation: ticket, name, block: '', household: name, real_name: name, phone: '', kind });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await who.wait('application', {}, '/state', 'approved');
  }
  const at = await browser();
  const [theirs, hers] = [await page(at), await page(at)];
  await theirs.goto(links[0]);
  await hers.goto(links[1]);
  const go = (one, household, path) => one.goto(`http://127.0.0.1:${household.port}${path}`);
  const shot = (one, name) => one.screenshot({ path: join(work, `${name}.png`), fullPage: true });

  await go(theirs, he, '/post?side=offer');
  await theirs.locator('textarea').first().fill('轮椅可以借');
  await theirs.getByText(say.kind_medical, { exact: true }).first().waitFor();
  await theirs.getByRole('button', { name: say.post_send, exact: true }).click();
  await theirs.getByText(say.share_check_due_yours).waitFor();
  await shot(theirs, 'donor-due');
  const listing = new URL(theirs.url()).pathname.split('/').pop();
  tell('posted: a wheelchair, guessed as a medical device, and to be checked first');

  await ma.wait('listing', { listing }, '/listing/check_due', true);
  await go(hers, ma, '/share');
  await hers.getByRole('button', { name: say.kind_medical, exact: true }).click();
  await shot(hers, 'donor-tile');
  await hers.getByRole('link', { name: /轮椅可以借/ }).first().click();
  await hers.getByText(say.share_check_due, { exact: true }).first().waitFor();
  const { owner } = (await ma.query('listing', { listing })).listing;
  const { deal } = await ma.do('answer', { owner: owner.member, listing, due_at: Date.now() + 3 * 86_400_000 });
  await he.wait('deal', { deal }, '/deal/stage', 'answered');
  await he.do('agree', { deal });
  await go(theirs, he, `/deal/${deal}`);
  await theirs.getByText(say.deal_check_yours).waitFor();
  await theirs.getByRole('button', { name: say.step_hand_over_give }).click();
  await theirs.getByText(say.error_check_missing).waitFor();
  if ((await he.query('deal', { deal })).deal.confirmed?.giver) throw new Error('handed over unchecked');
  await shot(theirs, 'donor-refused');
  tell('refused: it is not handed over before it was checked');

  const check = async (who) => {
    await go(theirs, he, `/share/${listing}`);
    await theirs.getByRole('button', { name: say.share_check_do }).click();
    await theirs.getByLabel(say.share_check_who).fill(who);
    await theirs.getByRole('button', { name: say.share_check_save }).click();
    await theirs.getByText(say.share_checked, { exact: true }).waitFor();
  };
  await check('何姨');
  await shot(theirs, 'donor-checked');
  await ma.wait('listing', { listing }, '/listing/checked/by', '何姨');
  await go(theirs, he, `/deal/${deal}`);
  await theirs.getByRole('button', { name: say.step_hand_over_give }).click();
  await ma.do('hand_over', { deal });
  await he.wait('deal', { deal }, '/deal/stage', 'on-loan');
  tell('checked by a volunteer, and handed over');

  await ma.do('return', { deal });
  await he.do('return', { deal });
  await go(theirs, he, `/share/${listing}`);
  await theirs.getByText(say.share_check_due_yours).waitFor();
  await ma.wait('listing', { listing }, '/listing/check_due', true);
  await check('马姐');
  tell('back: it needed a new check, and had it');
  await at.close();
});
