// Pictures of every page in six variants, and what the pages break of their rules: target/shots/*.png and report.json.
// ONLY=part-of-a-page's-name takes fewer.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Household, browser, catalogues, findings, page, story } from './street.mjs';

const out = process.env['KAIFONG_SHOTS'] ?? join(import.meta.dirname, '../../target/shots');
const only = process.env['ONLY'] ?? '';
/** Pages that are printed too, and what the sheet of paper is called. */
const PAPER_OF = { invited: 'poster', 'slip-print': 'slips', 'card-once': 'card', 'council-sheet': 'council-sheet', 'child-card': 'child-card', 'kept-labels': 'labels' };
const variants = {
  '360-light': { size: 360 },
  '360-dark': { size: 360, theme: 'dark' },
  '360-elder': { size: 360, elder: true },
  '768-light': { size: 768 },
  '1280-dark': { size: 1280, theme: 'dark' },
  '1280-english': { size: 1280, language: 'en' },
};
/** What a message says, in whichever language the page is. */
const messages = Object.values(catalogues);
const said = (key) => new RegExp(`^(${messages.map((language) => language[key].replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`);
const press = (seen, key) => seen.getByRole('button', { name: said(key) }).filter({ visible: true }).first().click();
const opened = (seen) => seen.getByRole('dialog').waitFor();
/** A ledger on paper, as a treasurer brings it. */
const PAPER = { name: '爱心银行.csv', mimeType: 'text/csv', buffer: Buffer.from('姓名,积分\n李叔,80\n陈阿姨,3.5\n陈姨,40\n') };
const LONG = 'Donaudampfschiffahrtsgesellschaft'.repeat(60);

/** A cart that one has had, another has reserved, and the first would like to have again. */
async function cartOf(li, chen, firm, owner, seen) {
  const { listing } = await li.do('post', { side: 'offer', kind: 'item', mode: 'share', title: '小推车，能折叠，上楼梯也拉得动', body: '', points: 0 });
  await Promise.all([seen(chen, listing), seen(firm, listing)]);
  const { deal } = await firm.do('answer', { owner, listing, due_at: Date.now() + 86_400_000 });
  await li.wait('deal', { deal }, '/deal/stage', 'answered');
  await li.do('agree', { deal });
  await firm.wait('deal', { deal }, '/deal/stage', 'agreed');
  for (const step of ['hand_over', 'return']) {
    for (const who of [li, firm]) await who.do(step, { deal });
    for (const who of [li, firm, chen]) await who.wait('deal', { deal }, '/deal/stage', step === 'return' ? 'done' : 'on-loan');
  }
  const at = (days) => new Date(new Date().setHours(0, 0, 0, 0) + days * 86_400_000 + 43_200_000).setHours(0, 0, 0, 0);
  const days = (from, to) => ({ owner, listing, starts_at: at(from), ends_at: at(to), purpose: 'other-use', people: 1 });
  const { booking } = await chen.do('ask_space', days(2, 4));
  await li.wait('space', { listing }, '/rows/0/id', booking);
  await li.do('step_on_space', { booking, step: 'grant' });
  await firm.wait('space', { listing, owner }, '/rows/0/stage', 'agreed');
  await firm.do('ask_space', days(5, 7));
  await li.wait('space', { listing }, '/rows/1/stage', 'asked');
  return listing;
}

/** A building in the middle of its life: posts, a help under way, one that is over, a loan, a newcomer at the door. */
async function live(li, chen, wang, he, firm, van, desk) {
  await li.do('found', { building: '榕荫里 3 号楼', name: '李叔', block: '401' });
  const { ticket } = await li.do('invite', { valid_ms: 86_400_000 });
  const join = (who, name, block) =>
    who.do('apply', { invitation: ticket, name, block, household: `3 栋 ${block}`, real_name: name, phone: '138 0000 0000' });
  const knocks = (rows) => li.wait('requests', {}, '/rows/0/name', rows);
  await join(chen, '陈姨', '502');
  const asked = await knocks('陈姨');
  await li.do('approve', { device: asked.rows[0].device });
  await chen.wait('application', {}, '/state', 'approved');
  const works = await firmOfTwo(li, ticket, firm, van);
  const paper = await deskOf(li, ticket, chen, desk);
  await join(wang, '王先生和他的一大家子人住在最里面', '706');
  await knocks('王先生和他的一大家子人住在最里面');
  const post = async (who, listing) => (await who.do('post', listing)).listing;
  const seen = (who, listing) => who.wait('listing', { listing }, '/listing/id', listing);
  const tap = await post(chen, { side: 'need', kind: 'skill', title: '厨房水龙头一直滴水', body: '想请懂的邻居来看看，周五晚上在家', points: 20 });
  await post(li, { side: 'offer', kind: 'skill', title: '会修水管水龙头', body: '下班以后都可以', points: 20 });
  const ladder = await post(li, { side: 'offer', kind: 'item', mode: 'share', title: '人字梯，两米', body: '用完擦一擦', points: 0 });
  await post(li, { side: 'offer', kind: 'item', mode: 'donate', title: '一套儿童绘本，十四册，孩子大了送给用得上的邻居', body: '' });
  const long = await post(chen, { side: 'offer', kind: 'item', mode: 'share', title: '没有空格的说明', body: LONG.slice(0, 1990) });
  await post(chen, { side: 'offer', kind: 'skill', title: '会包广式云吞和饺子', body: '包好送上门也行', points: 10 });
  await post(chen, { side: 'offer', kind: 'knowledge', title: '教下象棋', body: '', points: 0 });
  const walk = await post(chen, { side: 'need', kind: 'time', title: '接孩子放学', body: '每周三四点半', points: 10 });
  await Promise.all([seen(li, tap), seen(li, walk), seen(li, long), seen(chen, ladder)]);
  const member = (await chen.query('me')).person.member;
  const owner = (await li.query('me')).person.member;
  const helped = (await li.do('answer', { owner: member, listing: tap })).deal;
  await chen.wait('deal', { deal: helped }, '/deal/stage', 'answered');
  await chen.do('agree', { deal: helped });
  await li.wait('deal', { deal: helped }, '/deal/stage', 'agreed');
  await chen.do('done', { deal: helped });
  await li.do('done', { deal: helped });
  await chen.wait('deal', { deal: helped }, '/deal/stage', 'done');
  await chen.do('review', { deal: helped, stars: 5, text: '准时，很细心' });
  const lent = (await chen.do('answer', { owner, listing: ladder, due_at: Date.now() + 3 * 86_400_000 })).deal;
  await li.wait('deal', { deal: lent }, '/deal/stage', 'answered');
  for (const capacity of ['medical', 'security', 'expert-repairs']) await li.do('vouch', { member, capacity, opinion: 'for' });
  await chen.do('stand');
  await li.wait('council', {}, '/stands/0/name', '陈姨');
  const turn = (await li.do('answer', { owner: member, listing: walk })).deal;
  await chen.wait('deal', { deal: turn }, '/deal/stage', 'answered');
  // The map comes late: who lives here already picks a place of it, and who asks to join now has to.
  const tower = (name) => ({ name, kind: 'tower' });
  const zones = [
    { name: '南块', blocks: [1, 2, 3, 5, 6].map((n) => tower(`${n}栋`)) },
    { name: '北块', blocks: [7, 8, 9].map((n) => tower(`${n}栋`)) },
    { name: '街面', blocks: [{ name: '东街', kind: 'street' }] },
  ];
  await li.do('draft_epoch', { places: zones });
  const drawn = (await li.query('building')).zones;
  await chen.wait('building', {}, '/zones/0/name', '南块');
  await chen.do('set_profile', { name: '陈姨', about: '', place: drawn[0].blocks[2].id });
  await li.do('set_profile', { name: '李叔', about: '', place: drawn[0].blocks[0].id });
  const near = await post(chen, { side: 'need', kind: 'item', mode: 'share', title: '借一把冲击钻', body: '打两个孔', points: 0, audience: drawn[0].id });
  const far = await post(chen, { side: 'need', kind: 'time', title: '帮忙收一下快递', body: '', audience: drawn[0].blocks[2].id });
  await Promise.all([seen(li, near), seen(li, far), li.wait('member', { member }, '/person/block', '南块 3栋')]);
  const put = async (who, matter) => (await who.do('put_matter', matter)).matter;
  const lift = await put(chen, { kind: 'question', text: '3 栋电梯停了两天，几时能修好？老人家上不了楼。', place: drawn[0].blocks[2].id });
  await put(chen, { kind: 'suggestion', text: '榕树下可以添一张长凳，晚上乘凉的人多。' });
  const noise = await put(chen, { kind: 'complaint', text: `垃圾房的门晚上十一点还在响。${LONG.slice(0, 300)}` });
  const own = await put(li, { kind: 'help', text: '楼道灯坏了一个月，老人不敢下楼。', to: 'member', member });
  const told = (matter, asker) => ({ matter, asker });
  await li.wait('matter', told(noise, member), '/matter/id', noise);
  await li.do('take_up_matter', told(lift, member));
  await li.do('respond_to_matter', { ...told(lift, member), text: '已经报修，师傅今天下午到。' });
  await chen.wait('matter', told(lift, member), '/matter/stage', 'answered');
  await chen.do('judge_matter', { matter: lift, solved: false, remark: '师傅没有来，还停着。' });
  await li.wait('matter', told(lift, member), '/matter/reopened', 1);
  await li.do('respond_to_matter', { ...told(lift, member), text: '配件到了，晚上六点前恢复。' });
  await chen.wait('matter', told(lift, member), '/matter/stage', 'answered');
  await join(he, '何伯', '502');
  await he.wait('application', {}, '/state', 'pick-place');
  // A fund: a grant that is there, and one that waits for a second person.
  const roles = (await li.query('building')).roles.map((held) => ({ member: held.person.member, role: held.role }));
  const rates = [{ act: 'hour', points: 10 }, { act: 'shift', points: 10 }, { act: 'lecture', points: 30 }];
  await li.do('draft_epoch', {
    roles: [...roles, { member, role: 'treasurer' }, { member: owner, role: 'organiser' }],
    fund: { starter: 20, alone: 50, quota: 200, rates, budgets: [{ member, points: 600 }] },
  });
  await chen.wait('fund', {}, '/left', 600);
  await chen.do('grant', { member: owner, act: 'shift' });
  await li.wait('fund', {}, '/granted', 10);
  await chen.do('grant', { member, act: 'lecture', times: 2 });
  await li.wait('fund', {}, '/lists/0/can_second', true);
  // What neighbours invite each other to: a class that begins, to which somebody came and somebody is still expected; one that is full.
  const announce = async (who, told) => (await who.do('announce_activity', told)).activity;
  const basket = { title: '手工课：编竹篮', body: '带一把剪刀，竹条有。第一次来的也学得会。', venue: '二楼活动室', hours: 2, cost: 5, to: 'fund', no_show: 3, places: 10, teacher: owner };
  const lesson = await announce(li, { ...basket, starts_at: Date.now() + 5_000 });
  const chess = await announce(chen, { title: '榕树下下象棋', starts_at: Date.now() + 2 * 86_400_000, hours: 3, to: 'host', places: 1 });
  const off = await announce(li, { title: '晨练八段锦', venue: '天台', starts_at: Date.now() + 86_400_000, hours: 1, to: 'host', cost: 2 });
  await li.do('step_on_activity', { activity: off, step: 'call-off' });
  for (const [who, host, activity] of [[firm, owner, lesson], [chen, owner, lesson], [firm, member, chess], [li, member, chess]]) {
    await who.wait('activity', { host, activity }, '/activity/id', activity);
    await who.do('step_on_activity', { host, activity, step: 'book' });
  }
  await li.wait('activity', { host: owner, activity: lesson }, '/activity/taken', 2);
  await li.do('mark_guest', { activity: lesson, member, mark: 'came' });
  await chen.wait('activity', { host: owner, activity: lesson }, '/activity/booking/due', true);
  await li.wait('activity', { host: member, activity: chess }, '/activity/taken', 1);
  // A ladder that several have bought together: one has said so, one has not.
  const common = await post(li, { side: 'offer', kind: 'item', mode: 'share', title: '伸缩梯，四米，三家合买', body: '两个人抬，别一个人上房顶。', points: 5, shelf: 'A 架 3 层', owners: [member, works.member] });
  await post(li, { side: 'offer', kind: 'item', mode: 'share', title: '折叠餐桌和六把椅子，请客的时候用，用完擦干净再还', body: '', shelf: 'B 架' });
  const found = [common];
  await Promise.all([seen(chen, common), seen(firm, common)]);
  await firm.do('step_on_owning', { listing: common, owner, step: 'own' });
  await Promise.all([li, chen].map((who) => who.wait('member', { member: works.member }, '/person/member', works.member)));
  await li.do('count_things', { found, by: '小陈' });
  // A drill that is lent out: whoever has it would keep it longer, and somebody waits.
  const drill = await post(li, { side: 'offer', kind: 'item', mode: 'share', title: '冲击钻，带一盒钻头', body: '', points: 0 });
  await Promise.all([seen(chen, drill), seen(firm, drill)]);
  const asks = async (who, days) => {
    const { deal } = await who.do('answer', { owner, listing: drill, due_at: Date.now() + days * 86_400_000 });
    await li.wait('deal', { deal }, '/deal/stage', 'answered');
    return deal;
  };
  const drilled = await asks(chen, 5);
  await li.do('agree', { deal: drilled });
  await chen.wait('deal', { deal: drilled }, '/deal/stage', 'agreed');
  for (const who of [li, chen]) await who.do('hand_over', { deal: drilled });
  await chen.wait('deal', { deal: drilled }, '/deal/stage', 'on-loan');
  await firm.wait('deal', { deal: drilled }, '/deal/stage', 'on-loan');
  const queued = await asks(firm, 3);
  await chen.do('step_on_loan', { deal: drilled, step: 'extend', until: Date.now() + 8 * 86_400_000 });
  await li.wait('deal', { deal: drilled }, '/deal/my_step', 'extend');
  const hall = await post(li, { side: 'offer', kind: 'space', form: 'culture', title: '二楼活动室', body: '八张凳子，一张长桌' });
  await seen(chen, hall);
  // Tomorrow by day: whatever hour it is now, both fall on one day.
  const soon = new Date(Date.now() + 86_400_000).setHours(14, 0, 0, 0);
  const slot = (from) => ({ listing: hall, starts_at: soon + from * 3_600_000, ends_at: soon + (from + 2) * 3_600_000, purpose: 'culture', people: 6 });
  const first = (await chen.do('ask_space', slot(0))).booking;
  await li.wait('space', { listing: hall }, '/rows/0/id', first);
  await li.do('step_on_space', { booking: first, step: 'grant' });
  await li.do('ask_space', slot(3));
  await chen.wait('space', { listing: hall }, '/rows/1/stage', 'agreed');
  const cart = await cartOf(li, chen, firm, owner, seen);
  const { group } = await li.do('found_group', { name: '棋友会', about: '下象棋，喝茶聊天', meets: '每周三晚 7 点', venue: '二楼活动室' });
  await chen.wait('groups', {}, '/rows/0/id', group);
  await chen.do('step_on_group', { founder: owner, group, step: 'join' });
  await li.wait('groups', {}, '/rows/0/members', 2);
  await li.do('set_role', { member: owner, role: 'organiser', held: true });
  await li.do('list_resource', { name: '社区卫生站', about: '量血压、配药、打疫苗', contact: '6213 0000', hours: '周一到周五 8–17 点', minutes: 8 });
  await li.do('list_resource', { name: '老张修表修鞋', about: '修表、修鞋、配钥匙', minutes: 3 });
  await chen.wait('resources', {}, '/rows/1/name', '社区卫生站');
  const regular = await recurringOf(li, chen, owner, member);
  const care = await careOf(li, chen, firm, owner, member, helped, lent);
  return { common, regular, care, hall, cart, group, drill, drilled, queued, lesson, chess, works, paper, lift, noise, own, near, far, tap, long, ladder, helped, lent, turn, member, owner };
}

/** A conversation, a need for somebody who is not named, thanks on the wall, things that come together, somebody to be introduced. */
async function careOf(li, chen, firm, owner, member, helped, lent) {
  await chen.do('say', { deal: lent, text: '周六上午能来拿吗？' });
  await li.wait('talk', { deal: lent }, '/messages/0/text', '周六上午能来拿吗？');
  await li.do('say', { deal: lent, text: '可以，九点以后都在。梯子有点重，我帮你搬到电梯口。' });
  await chen.wait('talk', { deal: lent }, '/messages/1/mine', false);
  const proxy = (await li.do('post', { side: 'need', kind: 'item', title: '冬天的棉被，两床', body: '厚一点的', on_behalf: '一位独居老人' })).listing;
  await chen.do('thank', { to: owner, deal: helped, text: '水龙头不滴了，晚上睡得着了。' });
  const drive = { title: '旧自行车做绿化护栏', body: '轮圈没烂就行，放到小屋后面', target: 30, unit: '辆', until: Date.now() + 30 * 86_400_000 };
  const { drive: called } = await li.do('call_drive', drive);
  await chen.wait('drives', {}, '/rows/0/drive', called);
  await chen.do('pledge', { owner, drive: called, count: 3, note: '两辆没有链条' });
  await li.wait('drives', {}, '/rows/0/pledged', 3);
  await li.do('receive', { drive: called, donor: member, count: 2 });
  await firm.do('ask_introduction', { introducer: owner, whom: member, text: '想请陈姨给新来的同事讲讲楼里的老规矩' });
  await li.wait('introductions', {}, '/rows/0/stage', 'asked');
  await chen.wait('listing', { listing: proxy }, '/listing/id', proxy);
  return { proxy, drive: called };
}

/** Help on the same days of every week that goes on, and one that is proposed; who may collect a child; a visit at home. */
async function recurringOf(li, chen, owner, member) {
  const today = Math.floor(Date.now() / 86_400_000);
  const { listing } = await li.do('post', { side: 'offer', kind: 'time', task: 'child-care', title: '顺路接孩子放学', body: '每天四点多路过实验幼儿园', points: 2 });
  await chen.wait('listing', { listing }, '/listing/id', listing);
  const { deal } = await chen.do('answer', { owner, listing });
  await li.wait('deal', { deal }, '/deal/stage', 'answered');
  await li.do('agree', { deal });
  await chen.wait('deal', { deal }, '/deal/stage', 'agreed');
  const terms = { weekdays: 127, first: today - 20, from_min: 990, to_min: 1080, what: '接小宝放学', place: '实验幼儿园南门', note: '下雨带伞，先给口水喝。' };
  const { version: going } = await li.do('propose_help', { with: member, helps: true, deal, points: 2, trial: today - 21, ...terms });
  await chen.wait('arrangements', {}, '/rows/0/terms/words/what', terms.what);
  await chen.do('step_on_help', { arrangement: going, step: 'accept' });
  await li.wait('arrangement', { arrangement: going }, '/stage', 'trial');
  for (const who of [li, chen]) await who.do('step_on_help', { arrangement: going, step: 'tried' });
  await li.wait('arrangement', { arrangement: going }, '/stage', 'running');
  await li.do('step_on_help', { arrangement: going, step: 'tell', days: [20, 19, 18, 17, 16].map((back) => today - back) });
  await chen.wait('arrangement', { arrangement: going }, '/to_confirm/4/day', today - 16);
  await chen.do('step_on_help', { arrangement: going, step: 'confirm', days: [20, 19, 18].map((back) => today - back) });
  await chen.do('step_on_help', { arrangement: going, step: 'pause', from: today - 5, to: today + 3 });
  const { version: asked } = await chen.do('propose_help', { with: owner, weekdays: 36, first: today + 1, from_min: 600, to_min: 660, what: '陪去社区医院换药', place: '社区医院一楼', trial: today + 1 });
  await li.wait('arrangement', { arrangement: asked }, '/terms/words/what', '陪去社区医院换药');
  const pass = { child: '小宝', holders: [owner], weekdays: 127, first: today, last: today + 120 };
  const { pass: collect } = await chen.do('give_pass', { ...pass, kind: 'collect', place: terms.place });
  const { pass: care } = await chen.do('give_pass', { ...pass, kind: 'care', child: '囡囡', place: '二楼活动室', note: '花生过敏' });
  await li.wait('passes', {}, '/rows/1/mine', false);
  await li.do('tick_child', { guardian: member, pass: care, day: today, left: false });
  await chen.do('plan_visit', { deal, from: Date.now() - 60_000, until: Date.now() + 3_600_000 });
  await li.wait('visits', {}, '/rows/0/mine', true);
  await li.do('visited', { deal, left: false });
  await chen.wait('arrangement', { arrangement: going }, '/times', 3);
  return { deal, going, asked, collect };
}

/** A desk: two readings of one slip of 陈姨's, one slip that was paid, and a neighbour without a phone with 20 points and a slip. */
async function deskOf(li, ticket, chen, desk) {
  await desk.do('apply', { invitation: ticket, name: '小屋台机', household: '共享小屋', real_name: '小屋', kind: 'desk' });
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '小屋台机');
  await li.do('approve', { device: rows[0].device });
  await desk.wait('application', {}, '/state', 'approved');
  const [owner, member] = [(await li.query('me')).person.member, (await chen.query('me')).person.member];
  await li.do('set_role', { member, role: 'volunteer', held: true });
  await desk.wait('building', {}, '/roles/0/role', 'volunteer');
  const { numbers } = await desk.query('blank_slips', { count: 4 });
  await chen.wait('member', { member: (await desk.query('me')).person.member }, '/person/name', '小屋台机');
  const pays = async (number, payer, payee, points) => (await desk.do('enter_slip', { number, payer, payee, points })).slip;
  await li.wait('slips', {}, '/may_enter', true);
  const paid = await pays(numbers[0], member, owner, 5);
  await chen.wait('slips', {}, '/waiting/0/points', 5);
  await chen.do('pay_slip', { slip: paid });
  await desk.wait('slips', {}, '/rows/0/state', 'paid');
  await pays(numbers[1], member, owner, 12);
  await pays(numbers[2], member, owner, 8);
  const { digits } = await desk.do('enrol', { name: '梁阿婆', block: '5栋', household: '5栋 101', real_name: '梁秀英', pin: '2580', of_age: true });
  const asked = await li.wait('requests', {}, '/rows/0/name', '梁阿婆');
  await li.do('approve', { device: asked.rows[0].device });
  await desk.wait('cards', {}, '/rows/0/state', 'certified');
  const liang = (await desk.do('open_card', { digits, pin: '2580', volunteer: member })).person.member;
  await li.wait('member', { member: liang }, '/person/name', '梁阿婆');
  await li.do('give', { to: liang, points: 20 });
  await desk.wait('cards', {}, '/rows/0/waiting', 1);
  await pays(numbers[3], liang, member, 6);
  return { digits, member };
}

/** A property firm with a phone at the front desk, and another of which nobody has said who uses it. */
async function firmOfTwo(li, ticket, firm, van) {
  await firm.do('apply', { invitation: ticket, name: '丽景物业', block: '', household: '物业办', real_name: '陈小云', phone: '', kind: 'property-firm' });
  const { rows } = await li.wait('requests', {}, '/rows/0/name', '丽景物业');
  await li.do('approve', { device: rows[0].device });
  await firm.wait('application', {}, '/state', 'approved');
  await firm.do('name_staff', { name: '小陈', post: '前台' });
  const { person } = await firm.query('me');
  const { ticket: way } = await firm.do('invite', { valid_ms: 86_400_000 });
  await van.do('further_device', { invitation: way, member: person.member });
  const { device, seal } = await van.query('me');
  await firm.do('link_device', { device, seal });
  await van.wait('application', {}, '/state', 'approved');
  const { listing } = await firm.do('post', { side: 'offer', kind: 'time', title: '代收快递', body: '早八点到晚九点', points: 0 });
  await Promise.all([li.wait('listing', { listing }, '/listing/id', listing), van.wait('me', {}, '/person/name', '丽景物业')]);
  return { member: person.member, listing };
}

/** A shop with a few things up, and orders in every stage that a page shows. */
async function shopOf(li, chen, corner) {
  const { ticket } = await li.do('invite', { valid_ms: 86_400_000 });
  await corner.do('apply', { invitation: ticket, name: '好又多便利店', block: '', household: '3 栋底商', real_name: '邓家豪', phone: '', kind: 'shop', of_age: true });
  // The map has no street of shops.
  await corner.wait('application', {}, '/state', 'pick-place');
  await corner.do('pick_place', { block: null });
  // Somebody else is at the door already.
  const waits = { query: 'requests', at: '/rows', least: 2, timeout_ms: 40_000 };
  const { result } = await li.query('wait', waits);
  await li.do('approve', { device: result.rows.find((row) => row.kind === 'shop').device });
  await corner.wait('application', {}, '/state', 'approved');
  await corner.do('name_staff', { name: '小邓', post: '店长' });
  const { person } = await corner.query('me');
  const put = async (good) => (await corner.do('put_good', good)).good;
  const milk = await put({ title: '现磨豆浆', body: '一杯，早上七点到九点来取', points: 3, each: 5 });
  const rice = await put({ title: '东北大米，五斤装', body: '新米，带个袋子来', points: 12, pieces: 6, each: 2, until: Date.now() + 20 * 86_400_000 });
  const last = await put({ title: '过年写的春联，一副', body: '', points: 5, pieces: 1 });
  await Promise.all([li, chen].map((one) => one.wait('goods', {}, '/rows/2/open', true)));
  const order = async (by, good, stage) => {
    const made = await by.do('order_good', { shop: person.member, good });
    return (await by.wait('order', made, '/order/stage', stage)).order.order;
  };
  const done = await order(li, last, 'paid');
  const { code } = await li.query('order', { order: done });
  await corner.do('hand_out', { order: done, text: code });
  await li.wait('order', { order: done }, '/order/stage', 'picked-up');
  const off = await order(li, milk, 'paid');
  await li.do('call_off_order', { order: off });
  await li.wait('order', { order: off }, '/order/stage', 'paid-back');
  const ready = await order(li, rice, 'paid');
  await order(chen, milk, 'paid');
  return { member: person.member, milk, rice, last, done, off, ready, spent: code, code: (await li.query('order', { order: ready })).code };
}

/** Sets a PIN: every page of this household that is opened afterwards is locked. */
async function lockWith(shown, household, pin) {
  const first = await page(shown);
  await first.goto((await household.ask('open')).link);
  const set = async (wish) => (await fetch('/api/set_lock', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wish) })).status;
  const status = await first.evaluate(set, { new_pin: pin, idle_min: 5 });
  if (status !== 200) throw new Error(`no PIN is set: ${status}`);
  await first.context().close();
}

/** Somebody comes to the desk with a card. */
async function visit(seen, { digits, member }) {
  await seen.getByRole('combobox').first().selectOption(member);
  await seen.getByRole('textbox', { name: said('card_digits') }).fill(digits);
  await seen.getByRole('textbox', { name: said('card_visit_pin') }).fill('2580');
  await press(seen, 'card_visit_open');
  await seen.getByRole('button', { name: said('card_visit_end') }).waitFor();
}

/** The desk makes a card. */
async function cardFor(seen) {
  for (const [key, text] of Object.entries({ card_new_name: '梁阿婆', card_new_household: '5栋 101', card_new_real: '梁秀英' })) await seen.getByRole('textbox', { name: said(key) }).fill(text);
  for (const key of ['card_new_pin', 'card_new_pin_again']) await seen.getByRole('textbox', { name: said(key) }).first().fill('1397');
  await seen.getByRole('textbox', { name: said('card_new_pin_again') }).fill('1397');
  await seen.getByRole('switch').click();
  await press(seen, 'card_new_do');
  await seen.getByText(said('card_once')).waitFor();
}

/** What the printer makes of the page, on A4 at 96 dots an inch. */
async function onPaper(seen, path) {
  const size = seen.viewportSize();
  await seen.emulateMedia({ media: 'print' });
  await seen.setViewportSize({ width: 794, height: 1123 });
  await seen.screenshot({ path });
  await seen.emulateMedia({ media: 'screen' });
  await seen.setViewportSize(size);
}

await story(async (tell) => {
  mkdirSync(out, { recursive: true });
  const [li, chen, wang, he, empty, shut, firm, van, desk, corner] = ['li', 'chen', 'wang', 'he', 'new', 'shut', 'firm', 'van', 'desk', 'corner'].map((name) => new Household(name));
  for (const one of [li, chen, wang, he, empty, shut, firm, van, desk, corner]) await one.serve();
  const at = await live(li, chen, wang, he, firm, van, desk);
  const goods = await shopOf(li, chen, corner);
  await li.do('make_sheet');
  await shut.do('found', { building: '梧桐苑', name: '周姨', block: '203' });
  await shut.do('make_sheet');
  const pages = {
    welcome: [empty, '/welcome'],
    'welcome-found': [empty, '/welcome?way=found'],
    'welcome-join': [empty, '/welcome?way=join'],
    'welcome-device': [empty, '/welcome?way=device'],
    waiting: [wang, '/welcome'],
    today: [li, '/'],
    share: [li, '/share'],
    'share-people': [li, `/share?side=offer&text=${encodeURIComponent('陈')}`],
    listing: [chen, `/share/${at.ladder}`],
    'listing-own': [chen, `/share/${at.tap}`],
    'listing-long': [li, `/share/${at.long}`],
    post: [li, '/post?side=offer'],
    'post-written': [li, '/post?side=need', (seen) => seen.getByRole('textbox').first().fill('想借人字梯换个灯泡，周日下午用一下，谢 5 分')],
    deals: [li, '/deal'],
    loans: [chen, '/deal/loans', (seen) => seen.getByText('冲击钻', { exact: false }).first().waitFor()],
    'loan-turns': [li, `/share/${at.drill}`, (seen) => press(seen, 'loan_calendar')],
    'loan-asked': [li, `/deal/${at.drilled}`],
    'loan-line': [firm, `/deal/${at.queued}`],
    'loan-late': [chen, `/deal/${at.drilled}`, (seen) => press(seen, 'loan_late').then(() => opened(seen))],
    'deal-turn': [li, `/deal/${at.lent}`],
    'deal-done': [chen, `/deal/${at.helped}`],
    figure: [chen, `/deal/${at.helped}`, (seen) => press(seen, 'dispute_ask').then(() => opened(seen))],
    disputes: [li, '/neighbours/disputes'],
    proof: [chen, `/deal/${at.helped}`, (seen) => press(seen, 'deal_proof').then(() => seen.getByRole('dialog').getByText(said('proof_ok')).waitFor())],
    answer: [li, `/share/${at.long}`, (seen) => press(seen, 'share_do_borrow').then(() => opened(seen))],
    points: [li, '/points'],
    'points-several': [firm, '/points'],
    'points-move': [firm, '/points', (seen) => seen.getByRole('button', { name: /从这台转一些过去|Press to move some/ }).click().then(() => opened(seen))],
    statement: [li, '/points/statement'],
    trail: [li, '/me/trail'],
    give: [li, '/points/give'],
    face: [li, '/points/face'],
    'face-take': [li, '/points/face?way=take'],
    'face-pay': [li, '/points/face?way=pay'],
    flows: [chen, '/points/flows'],
    fund: [chen, '/points/fund'],
    'fund-second': [li, '/points/fund', (seen) => press(seen, 'fund_list_agree').then(() => opened(seen))],
    'fund-grant': [chen, `/points/fund/grant?to=${at.owner}`],
    'fund-give': [li, '/points/fund/give'],
    'fund-rules': [li, '/points/fund/rules'],
    'fund-openings': [chen, '/points/fund/openings', (seen) => seen.locator('input[type=file]').setInputFiles(PAPER).then(() => seen.getByRole('combobox').first().waitFor())],
    slips: [chen, '/points/slips'],
    'slips-desk': [desk, '/points/slips'],
    'slip-disown': [chen, '/points/slips', (seen) => press(seen, 'slip_disown').then(() => opened(seen))],
    'slip-enter': [desk, '/points/slips/enter'],
    'slip-print': [li, '/points/slips/print', (seen) => seen.locator('.slip').first().waitFor()],
    'points-desk': [desk, '/points'],
    cards: [desk, '/points/cards'],
    'card-new': [desk, '/points/cards/new'],
    'card-visit': [desk, '/points/cards/visit'],
    'card-open': [desk, '/points/cards/visit', (seen) => visit(seen, at.paper)],
    'card-forget': [desk, '/points/cards', (seen) => press(seen, 'card_forget').then(() => opened(seen))],
    'card-once': [desk, '/points/cards/new', (seen) => cardFor(seen)],
    shop: [li, '/points/shop'],
    'shop-good': [li, `/points/shop/good/${goods.member}/${goods.rice}`],
    'shop-gone': [li, `/points/shop/good/${goods.member}/${goods.last}`],
    'shop-orders': [li, '/points/shop/orders'],
    'shop-slip': [li, `/points/shop/order/${goods.ready}`],
    'shop-slip-done': [li, `/points/shop/order/${goods.done}`],
    'shop-slip-off': [li, `/points/shop/order/${goods.off}`],
    'shop-call-off': [li, `/points/shop/order/${goods.ready}`, (seen) => press(seen, 'shop_call_off').then(() => opened(seen))],
    'shop-own': [corner, '/points/shop'],
    'shop-ours': [corner, '/points/shop/ours'],
    'shop-ours-one': [corner, `/points/shop/ours?good=${goods.rice}`],
    'shop-put': [corner, '/points/shop/ours?put'],
    'shop-counter': [corner, '/points/shop/counter'],
    'shop-counter-found': [corner, '/points/shop/counter', (seen) => seen.getByLabel(said('shop_counter_code')).fill(goods.code).then(() => press(seen, 'shop_counter_read')).then(() => seen.getByRole('button', { name: said('shop_counter_give') }).waitFor())],
    'shop-counter-again': [corner, '/points/shop/counter', (seen) => seen.getByLabel(said('shop_counter_code')).fill(goods.spent).then(() => press(seen, 'shop_counter_read')).then(() => seen.getByRole('status').first().waitFor())],
    neighbours: [li, '/neighbours'],
    neighbour: [li, `/neighbours/${at.member}`],
    'neighbours-only': [li, '/neighbours', (seen) => press(seen, 'neighbours_expert').then(() => seen.locator('[role=group] .name').first().waitFor())],
    'neighbour-vouch': [li, `/neighbours/${at.member}`, (seen) => press(seen, 'neighbours_vouch').then(() => opened(seen))],
    'neighbour-expert': [li, `/neighbours/${at.member}`, (seen) => press(seen, 'neighbours_expert_do').then(() => opened(seen))],
    staff: [li, `/neighbours/${at.works.member}`],
    'staff-listing': [li, `/share/${at.works.listing}`],
    'staff-who': [van, '/welcome'],
    'staff-today': [van, '/'],
    'staff-devices': [firm, '/me/devices'],
    'staff-change': [firm, '/me/devices', (seen) => seen.getByRole('button', { name: /小陈/ }).click().then(() => press(seen, 'staff_change')).then(() => opened(seen))],
    requests: [li, '/neighbours/requests'],
    invite: [li, '/neighbours/invite'],
    invited: [li, '/neighbours/invite', (seen) => press(seen, 'neighbours_make_do').then(() => seen.getByText(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/).filter({ visible: true }).first().waitFor())],
    places: [li, '/neighbours/places'],
    'places-draw': [li, '/neighbours/places', (seen) => press(seen, 'places_change').then(() => seen.getByRole('button', { name: said('places_send') }).waitFor())],
    'pick-place': [he, '/welcome'],
    'share-near': [li, '/share?side=need'],
    'listing-near': [li, `/share/${at.near}`],
    'listing-elsewhere': [li, `/share/${at.far}`],
    council: [li, '/neighbours/council'],
    'council-draft': [li, '/neighbours/council/draft', (seen) => seen.getByRole('button', { name: said('council_compose_seat') }).first().waitFor()],
    'council-stand': [li, '/neighbours/council/stand'],
    'council-phone': [li, '/neighbours/council/phone'],
    'council-chart': [li, '/neighbours/council/chart'],
    'council-anew': [li, '/neighbours/council/anew'],
    complaints: [chen, '/neighbours/complaints'],
    'me-opened': [chen, '/me/opened'],
    'council-sheet': [chen, '/neighbours/council/stand', (seen) => press(seen, 'council_stand_do').then(() => seen.getByText(said('council_sheet_once')).first().waitFor())],
    me: [li, '/me'],
    'me-edit': [li, '/me', (seen) => press(seen, 'me_edit').then(() => opened(seen))],
    'me-leave': [chen, '/me/leave'],
    'me-leave-founder': [li, '/me/leave'],
    'me-erase': [chen, '/me/erase'],
    'me-family': [li, '/me/family'],
    'neighbour-mark': [li, `/neighbours/${at.member}`, (seen) => press(seen, 'life_mark_do').then(() => opened(seen))],
    'kept-owners': [li, `/share/${at.common}`, (seen) => seen.getByText(said('kept_asked')).first().waitFor()],
    'kept-asked': [chen, `/share/${at.common}`, (seen) => seen.getByText(said('kept_ask_yes')).first().waitFor()],
    'kept-owner': [firm, `/share/${at.common}`, (seen) => seen.getByText(said('kept_leave')).first().waitFor()],
    'kept-today': [chen, '/', (seen) => seen.getByText(said('kept_today')).first().waitFor()],
    'kept-pick': [li, '/post?side=offer', (seen) => seen.getByRole('textbox').first().fill('人字梯，周末可以借').then(() => press(seen, 'kept_together')).then(() => seen.getByRole('checkbox').first().waitFor())],
    'kept-shelf': [li, '/me/shelf', (seen) => seen.getByText(said('shelf_count')).first().waitFor()],
    'kept-count': [li, '/me/shelf/count', (seen) => seen.getByRole('checkbox').first().check()],
    'kept-labels': [li, '/me/shelf/labels', (seen) => seen.locator('.leaf li').first().waitFor()],
    'post-skill': [li, '/post?side=offer&kind=skill'],
    'me-device': [li, '/me/device'],
    'me-lock': [li, '/me', (seen) => press(seen, 'lock_set').then(() => opened(seen))],
    locked: [shut, '/'],
    'lock-forgotten': [shut, '/', (seen) => press(seen, 'lock_forgotten').then(() => seen.getByRole('heading', { name: said('lock_forgotten_title') }).waitFor())],
    hall: [li, '/hall'],
    'hall-ask': [chen, '/hall/ask'],
    'hall-answer': [li, `/hall/${at.member}/${at.noise}`],
    'hall-judge': [chen, `/hall/${at.member}/${at.lift}`],
    'hall-not-yet': [chen, `/hall/${at.member}/${at.lift}`, (seen) => press(seen, 'hall_not_yet').then(() => opened(seen))],
    'hall-own': [li, `/hall/${at.owner}/${at.own}`],
    'space-times': [chen, `/share/${at.hall}/times?owner=${at.owner}`, (seen) => seen.locator('.week button').nth(1).click().then(() => seen.locator('.slots li').nth(1).waitFor())],
    'listing-had': [chen, `/share/${at.cart}`],
    'thing-days': [li, `/share/${at.cart}/times?owner=${at.owner}`, (seen) => seen.locator('.week button').nth(5).click().then(() => seen.locator('.slots li').waitFor())],
    'thing-lent': [li, `/share/${at.drill}/times?owner=${at.owner}`, (seen) => seen.locator('.lent').waitFor()],
    'thing-ask': [chen, `/share/${at.cart}/times?owner=${at.owner}`, (seen) => seen.locator('.week button').nth(1).click().then(() => press(seen, 'thing_ask')).then(() => opened(seen))],
    'thing-late': [firm, `/share/${at.cart}`, (seen) => press(seen, 'share_do_borrow').then(() => seen.getByRole('dialog').getByRole('alert').waitFor())],
    'space-ask': [chen, `/share/${at.hall}/times?owner=${at.owner}`, (seen) => press(seen, 'slot_ask').then(() => opened(seen))],
    groups: [chen, '/activities/groups'],
    'group-new': [chen, '/activities/groups/new'],
    group: [chen, `/activities/groups/${at.owner}/${at.group}`],
    outside: [chen, '/neighbours/outside'],
    'outside-add': [li, '/neighbours/outside', (seen) => press(seen, 'outside_add').then(() => opened(seen))],
    activities: [chen, '/activities'],
    'activity-new': [li, '/activities/new'],
    'activity-guest': [chen, `/activities/${at.owner}/${at.lesson}`],
    'activity-host': [li, `/activities/${at.owner}/${at.lesson}`],
    'activity-call-off': [li, `/activities/${at.owner}/${at.lesson}`, (seen) => press(seen, 'activity_call_off').then(() => opened(seen))],
    'activity-wait': [li, `/activities/${at.member}/${at.chess}`],
    'activity-classes': [chen, '/points/fund/classes'],
    'today-activity': [chen, '/'],
    talk: [chen, `/deal/${at.lent}`, (seen) => seen.getByText('梯子有点重', { exact: false }).first().waitFor()],
    'listing-proxy': [chen, `/share/${at.care.proxy}`],
    wall: [chen, '/neighbours/wall'],
    drives: [chen, '/drives'],
    'drive-new': [li, '/drives/new'],
    drive: [chen, `/drives/${at.owner}/${at.care.drive}`],
    'drive-own': [li, `/drives/${at.owner}/${at.care.drive}`],
    introductions: [li, '/neighbours/introductions'],
    'introductions-asked': [firm, '/neighbours/introductions'],
    'recurring-list': [chen, '/recurring'],
    'recurring-new': [chen, '/recurring/new'],
    'recurring-confirm': [chen, `/recurring/${at.regular.going}`],
    'recurring-tell': [li, `/recurring/${at.regular.going}`],
    'recurring-asked': [li, `/recurring/${at.regular.asked}`],
    'recurring-pause': [chen, `/recurring/${at.regular.going}`, (seen) => press(seen, 'recurring_pause').then(() => opened(seen))],
    'recurring-end': [chen, `/recurring/${at.regular.going}`, (seen) => press(seen, 'recurring_end').then(() => opened(seen))],
    'recurring-visit': [li, `/deal/${at.regular.deal}`],
    'child-roster': [li, '/recurring/children'],
    'child-own': [chen, '/recurring/children'],
    'child-new': [chen, '/recurring/children/new'],
    'child-card': [li, `/recurring/children/${at.regular.collect}`],
    missing: [li, '/nowhere'],
    offline: [chen, '/', (seen) => chen.kill().then(() => seen.getByText(/正在重连|Reconnecting/).first().waitFor())],
  };
  const chosen = Object.entries(pages).filter(([name]) => name.includes(only));
  const found = [];
  const shown = await browser();
  await lockWith(shown, shut, '2580');
  /** Some pages in one variant, each household in a page of its own. */
  const look = async (variant, some) => {
    const entered = new Map();
    for (const [name, [household, path, then]] of some) {
      let seen = entered.get(household);
      if (!seen) {
        seen = await page(shown, variants[variant]);
        const { link } = await household.ask('open');
        await seen.goto(link);
        entered.set(household, seen);
      }
      await seen.goto(new URL(path, `http://127.0.0.1:${household.port}`).href);
      await seen.getByRole('heading', { level: 1 }).first().waitFor();
      await seen.waitForLoadState('networkidle');
      await then?.(seen);
      found.push(...(await findings(seen)).map((finding) => ({ page: name, variant, ...finding })));
      found.push(...seen.troubles.splice(0).map((what) => ({ page: name, variant, kind: 'axe', what })));
      // A sheet lies over what is in sight, not over the whole page.
      const sheet = (await seen.getByRole('dialog').count()) > 0;
      await seen.screenshot({ path: join(out, `${name}-${variant}.png`), fullPage: !sheet });
      const paper = PAPER_OF[name];
      if (paper && variant === '360-light') await onPaper(seen, join(out, `${paper}-a4.png`));
    }
    for (const seen of entered.values()) await seen.context().close();
  };
  // A page mostly waits for its network to be quiet: two variants at a time. The one that pulls a plug comes last, alone.
  const quiet = chosen.filter(([name]) => name !== 'offline');
  const waiting = Object.keys(variants);
  const worker = async () => {
    for (let variant = waiting.shift(); variant; variant = waiting.shift()) {
      await look(variant, quiet);
      tell(`${variant}: ${quiet.length} pages`);
    }
  };
  await Promise.all([worker(), worker()]);
  for (const variant of Object.keys(variants)) {
    const last = chosen.filter(([name]) => name === 'offline');
    for (const [, [household]] of last) if (household.child.killed) await household.serve(household.port);
    await look(variant, last);
  }
  writeFileSync(join(out, 'report.json'), JSON.stringify({ pages: chosen.length, variants: Object.keys(variants).length, findings: found }, null, 1));
  tell(`${found.length} findings, into ${out}`);
  for (const finding of found.slice(0, 40)) tell(JSON.stringify(finding));
  if (found.length > 0) process.exitCode = 1;
});
