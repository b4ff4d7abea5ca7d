// A newcomer teaches, is thanked and answers; the two exchange phone numbers because both want to, and one takes hers back; he
// looks at her page and every figure on it leads to what was signed; she hides her door and takes her data along.
// She uses the elder version.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Household, browser, keeps, page, sizes, story, work } from './street.mjs';

const DAY_MS = 86_400_000;
const [HER_NUMBER, HIS_NUMBER] = ['135 1234 5601', '020-8765-4302'];
const shots = process.env['KAIFONG_SHOTS'];
const run = promisify(execFile);

await story(async (tell) => {
  const [li, lian, wang] = ['li', 'lian', 'wang'].map((name) => new Household(name));
  const [liLink, lianLink] = [await li.serve(), await lian.serve()];
  await wang.serve();
  await street(li, lian, wang);
  const there = await browser();
  const [his, hers] = [await page(there, { size: 360 }), await page(there, { size: 360, elder: true })];
  const part = (seen, name) => seen.getByRole('region', { name, exact: true });
  const press = (seen, name) => seen.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click();
  const picture = async (seen, name) => {
    if (shots) await seen.screenshot({ path: join(shots, `profile-${name}.png`), fullPage: true });
  };
  await his.goto(liLink);
  await hers.goto(lianLink);

  await hers.getByRole('link', { name: '我能帮', exact: true }).filter({ visible: true }).first().click();
  await hers.getByRole('textbox', { name: '我能帮什么' }).fill('教硬笔书法，谢 10 分');
  await hers.getByRole('button', { name: /种类\s*知识/ }).waitFor();
  await press(hers, '盖章，贴出去');
  await hers.getByText('盖好章，贴出去了').waitFor();
  await his.getByRole('region', { name: '新贴的' }).getByRole('link', { name: /教硬笔书法/ }).click();
  await press(his, '我想学');
  await press(his, '盖章，告诉对方');
  await his.waitForURL(/\/deal\//);
  const deal = new URL(his.url()).pathname.split('/').at(-1);
  if ((await part(his, '电话').count()) > 0) throw new Error('numbers are exchanged before anything is agreed');
  await lian.wait('deal', { deal }, '/deal/stage', 'answered');
  await hers.goto(new URL(`/deal/${deal}`, lianLink).href);
  await press(hers, '答应401 李叔');
  tell('taught: a newcomer offers a lesson, and a neighbour wants to learn');

  await part(hers, '电话').getByText(/两边都愿意了，号码才会送到/).waitFor();
  await keeps(hers, 'no number yet');
  await press(hers, '愿意互留电话');
  const field = hers.getByRole('textbox', { name: '我的电话' });
  await field.fill('打我');
  await press(hers, '愿意，留我的电话');
  await hers.getByText('只写数字，至少 3 位').waitFor();
  await field.fill(HER_NUMBER);
  await keeps(hers, 'her number');
  await picture(hers, 'phone-write-elder');
  await press(hers, '愿意，留我的电话');
  await part(hers, '电话').getByText('等401 李叔也愿意').waitFor();
  await part(his, '电话').getByText('502 连老师愿意和你互留电话').waitFor();
  if ((await his.getByText(HER_NUMBER).count()) > 0 || JSON.stringify(await li.query('deal', { deal })).includes(HER_NUMBER)) throw new Error('her number came before he agreed');
  await keeps(his, 'she would');
  await picture(his, 'phone-asked');
  await press(his, '愿意，留我的电话');
  await his.getByRole('textbox', { name: '我的电话' }).fill(HIS_NUMBER);
  await his.getByRole('dialog').getByRole('button', { name: '愿意，留我的电话' }).click();
  const call = (seen, name) => part(seen, '电话').getByRole('link', { name: new RegExp(`打给${name}`) });
  await call(his, '502 连老师').waitFor();
  await call(hers, '401 李叔').waitFor();
  if ((await call(his, '502 连老师').getAttribute('href')) !== `tel:${HER_NUMBER.replaceAll(' ', '')}`) throw new Error('the link calls somebody else');
  await keeps(his, 'his page with her number');
  await keeps(hers, 'her page with his number');
  await picture(hers, 'phone-call-elder');
  const third = JSON.stringify(await wang.query('deal', { deal }));
  if (third.includes(HER_NUMBER) || third.includes(HIS_NUMBER) || JSON.parse(third).phone !== null) throw new Error('a third household reads a number');
  tell('called: both wanted to, and each has the number of the other; a third household has none');

  await press(hers, '收回');
  await hers.getByRole('dialog').getByText(/看过就是看过了/).waitFor();
  await keeps(hers, 'asked before it is taken back');
  await hers.getByRole('dialog').getByRole('button', { name: '收回' }).click();
  await part(hers, '电话').getByText('你收回了电话').waitFor();
  await part(his, '电话').getByText('502 连老师收回了电话').waitFor();
  if ((await his.getByText(HER_NUMBER).count()) > 0) throw new Error('her number is still shown');
  await keeps(hers, 'taken back');
  tell('taken back: nothing more is sent, and it says that what was seen was seen');

  await press(hers, '我帮好了');
  await his.getByRole('button', { name: /^办好了/ }).filter({ visible: true }).first().click();
  await his.getByRole('radio').last().click();
  await his.getByRole('textbox', { name: /说一句/ }).fill('一笔一画都讲得清楚');
  await press(his, '就这么说');
  await lian.wait('deal', { deal }, '/reviews/0/stars', 5);
  await hers.goto(new URL('/me', lianLink).href);
  await hers.getByRole('link', { name: '街坊看到的我' }).click();
  await press(hers, '回复401 李叔');
  await hers.getByRole('textbox', { name: '想说的话' }).fill('下次带上毛笔来');
  await keeps(hers, 'replying');
  await press(hers, '盖章，存下');
  await part(hers, '街坊怎么说').getByText('下次带上毛笔来').waitFor();
  await keeps(hers, 'replied');
  tell('thanked: he says how it was, and she answers below it');

  await lent(li, lian);
  const stood = [await li.query('audit'), await lian.query('audit')];
  await his.goto(new URL('/me', liLink).href);
  await his.getByRole('link', { name: /^街坊们/ }).click();
  await his.getByRole('link', { name: /502 连老师/ }).click();
  await his.getByRole('heading', { name: '502 连老师' }).waitFor();
  await part(his, '街坊怎么说').getByText('下次带上毛笔来').waitFor();
  await his.getByText(/看谁的页面都不会留下记录/).waitFor();
  await keeps(his, 'her credit card');
  await picture(his, 'card-360');
  await his.getByRole('button', { name: /^401 李叔认的门/ }).click();
  await his.getByRole('dialog').getByText('核对无误').waitFor();
  await his.getByRole('dialog').getByText(/认了门/).first().waitFor();
  await keeps(his, 'who vouched for her');
  await his.keyboard.press('Escape');
  for (const [figure, title] of [['帮人 1 件', '教硬笔书法'], ['受人帮 1 件', '人字梯'], ['按时还 1 件', '人字梯']]) {
    await his.getByRole('button', { name: new RegExp(`^${figure.replaceAll(' ', '\\s*')}`) }).click();
    await his.getByRole('dialog').getByRole('link', { name: new RegExp(title) }).waitFor();
    if ((await his.getByRole('dialog').getByRole('link').count()) !== 1) throw new Error(`${figure} is not counted from one deal`);
    await his.keyboard.press('Escape');
    await his.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  await his.getByRole('button', { name: /^按时还/ }).click();
  await his.getByRole('dialog').getByRole('link', { name: /人字梯/ }).click();
  await his.waitForURL(/\/deal\//);
  await his.getByRole('button', { name: '凭证' }).first().click();
  await his.getByRole('dialog').getByText('核对无误').waitFor();
  const stands = [await li.query('audit'), await lian.query('audit')];
  for (const [at, now] of stands.entries()) {
    for (const figure of ['entries', 'changes', 'signatures', 'projection']) if (now[figure] !== stood[at][figure]) throw new Error(`looking at her page changed ${figure}`);
  }
  tell('looked up: verified by, given, received and in time, each with its proof; and that he looked stands nowhere');

  await hers.goto(new URL('/me', lianLink).href);
  await hers.getByRole('link', { name: /^我签过的每一件事/ }).click();
  await hers.getByText('都核对过，没有一条不对').waitFor();
  const { papers, total } = await lian.query('trail', { limit: 200 });
  await hers.getByText(`一共 ${total} 条`).waitFor();
  if (papers.some((paper) => paper.flaw !== null) || !['done', 'accept', 'open'].every((says) => papers.some((paper) => paper.says === says))) throw new Error(`her trail: ${JSON.stringify(papers)}`);
  for (const words of ['你说办好了', '你收下了', '你开了一本账']) await hers.getByText(words).first().waitFor();
  await hers.getByText('你说办好了').first().click();
  await hers.getByText('上一条').filter({ visible: true }).first().waitFor();
  await keeps(hers, 'all that she has signed');
  await picture(hers, 'trail-elder');
  tell('signed: one entry after the other, each checked once more');

  await hers.goto(new URL('/me', lianLink).href);
  await part(hers, '谁看得到什么').getByText('只有审核人').waitFor();
  await keeps(hers, 'who can read what');
  await picture(hers, 'me-elder');
  await press(hers, '改我的资料');
  await hers.getByRole('switch', { name: '让街坊看到门牌' }).click();
  await hers.getByText('只存在自己这台设备，街坊看不到').first().waitFor();
  await keeps(hers, 'hiding her door');
  await picture(hers, 'block-elder');
  await press(hers, '存下');
  await hers.getByRole('heading', { name: '连老师', exact: true }).waitFor();
  const { member } = (await lian.query('me')).person;
  await li.wait('member', { member }, '/person/block', '');
  if ((await lian.query('me')).block_kept !== '502') throw new Error('what is hidden is lost');
  tell('hidden: where she lives is no longer in her document, and still on her device');

  const [download] = await Promise.all([hers.waitForEvent('download'), press(hers, '导出我的资料')]);
  const file = join(work, 'mine.zip');
  await download.saveAs(file);
  await hers.getByText('导出好了').waitFor();
  await keeps(hers, 'exported');
  const bin = process.env['KAIFONG'];
  const { stdout } = await run(bin, ['--json', 'verify-export', file]);
  const report = JSON.parse(stdout);
  if (!report.ok || !report.pages_match || report.member !== member || report.deals !== 2 || !report.vouched_by_founder) throw new Error(stdout);
  await run(bin, ['--data', lian.data, 'export', join(work, 'again.zip')]);
  await run(bin, ['--data', lian.data, 'export', join(work, 'again.zip')]).then(() => Promise.reject(new Error('a file was written over')), ({ code }) => code === 2 || Promise.reject(new Error(`exit code ${code}`)));
  const broken = readFileSync(file);
  broken[Math.floor(broken.length / 2)] ^= 0x55;
  writeFileSync(join(work, 'broken.zip'), broken);
  const refused = await run(bin, ['verify-export', join(work, 'broken.zip')]).catch((error) => error);
  if (![2, 3].includes(refused.code) || !/\p{Script=Han}{4}/u.test(refused.stderr)) throw new Error(`a broken export: ${refused.code} ${refused.stderr}`);
  const paper = await (await there.newContext()).newPage();
  const html = await run('python3', ['-c', 'import sys,zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read("index.html").decode())', file]);
  await paper.setContent(html.stdout);
  await paper.getByRole('heading', { name: '我的约定' }).waitFor();
  if (!(await paper.getByText('一笔一画都讲得清楚').first().isVisible())) throw new Error('what was said of her is not on the page');
  if (shots) await paper.screenshot({ path: join(shots, 'profile-export.png'), fullPage: true });
  await paper.close();
  tell('taken along: one file with all that is hers, which verifies without a node; a changed one does not');

  await his.setViewportSize(sizes[1280]);
  for (const [place, name] of [[`/neighbours/${member}`, 'card'], [`/deal/${deal}`, 'deal'], ['/me', 'me']]) {
    await his.goto(new URL(place, liLink).href);
    await his.getByRole('heading', { level: 1 }).first().waitFor();
    await his.waitForLoadState('networkidle');
    await keeps(his, `${place} at 1280`);
    await picture(his, `${name}-1280`);
  }
  await hers.goto(new URL(`/neighbours/${member}`, lianLink).href);
  await part(hers, '街坊怎么说').waitFor();
  await keeps(hers, 'her card in the elder version');
  await picture(hers, 'card-elder');
});

/** Three households of one building: its founder, a teacher who has moved in, and somebody whom none of it concerns. */
async function street(li, lian, wang) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: DAY_MS });
  for (const [who, name, block] of [[lian, '连老师', '502'], [wang, '王师傅', '706']]) {
    await who.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name });
    const { rows } = await li.wait('requests', {}, '/rows/0/name', name);
    await li.do('approve', { device: rows[0].device });
    await who.wait('application', {}, '/state', 'approved');
  }
}

/** She borrows his ladder, and brings it back before the agreed day. */
async function lent(li, lian) {
  const { listing } = await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', points: 0 });
  const owner = (await li.query('me')).person.member;
  await lian.wait('listing', { listing }, '/listing/id', listing);
  const { deal } = await lian.do('answer', { owner, listing, due_at: Date.now() + 3 * DAY_MS });
  await li.wait('deal', { deal }, '/deal/stage', 'answered');
  await li.do('agree', { deal });
  await lian.wait('deal', { deal }, '/deal/stage', 'agreed');
  for (const step of ['hand_over', 'return']) {
    await lian.do(step, { deal });
    await li.do(step, { deal });
    await Promise.all([li, lian].map((who) => who.wait('deal', { deal }, '/deal/stage', step === 'return' ? 'done' : 'on-loan')));
  }
}
