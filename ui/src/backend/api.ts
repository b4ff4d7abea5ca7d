// Made by scripts/generate-api.mjs from `kaifong api --json`: do not edit. Renew with `npm run api`.

/** One's own account. */
export interface Account {
  /** What others have thanked one with, less what one has thanked others with. */
  balance: number;
  /** How far below zero a balance may go. */
  credit_line: number;
  /** The newest lines, at most twenty. */
  lines: Line[];
  /** How many lines there are. */
  lines_total: number;
  /** How much may be unseen. */
  quota: number;
  /** What this device can still spend. */
  rights: number;
  /** What it has spent since a witness last saw its journal. */
  unseen: number;
}

/** What one signed entry of a deal says. */
export type Act = 'answer' | 'agree' | 'call-off' | 'hand-over' | 'return' | 'done' | 'say' | 'rule' | 'extend' | 'keep-day';

/** A page of activities. */
export interface Activities {
  /** Whether one may name a teacher. */
  can_teach: boolean;
  /** Whether somebody keeps a fund that could be paid. */
  has_fund: boolean;
  /** Those to come in the order of their beginning; others the newest first. */
  rows: Activity[];
  /** How many there are in all. */
  total: number;
}

/** Which activities to show. */
export interface ActivitiesArgs {
  /** At most this many, 1 to 200; 50 if not told. */
  limit?: number | null;
  /** Those to come, one's own, or those that are over. */
  show?: ActivityShow;
  /** How many of the first are left out. */
  skip?: number;
}

/** An activity as one neighbour sees it. */
export interface Activity {
  /** What else is told. */
  body: string;
  /** One's own booking, where there is one. */
  booking?: Booking | null;
  /** When it was called off, if so. */
  called_off_at?: number | null;
  /** What coming costs, in points. */
  cost: number;
  /** When it ends. */
  ends_at: number;
  /** The group whose evening it is. */
  group?: GroupNote | null;
  /** Who hosts it. */
  host: Person;
  /** For how many hours: what its teacher is credited with. */
  hours: number;
  /** Its id. */
  id: ActivityId;
  /** Whether that is oneself. */
  mine: boolean;
  /** What staying away costs, in points. */
  no_show: number;
  /** For how many there is room; `null` for all. */
  places?: number | null;
  /** When it was announced. */
  posted_at: number;
  /** When it begins. */
  starts_at: number;
  /** How many have a place. */
  taken: number;
  /** Who teaches. */
  teacher?: Person | null;
  /** Its title. */
  title: string;
  /** Who is paid that. */
  to: Payee;
  /** For its host: how many are not marked yet, or say that they were there after all. */
  unmarked: number;
  /** Where it is, in words. */
  venue: string;
  /** How many wait for one. */
  waiting: number;
}

/** An activity. */
export interface ActivityArgs {
  /** Which. */
  activity: ActivityId;
  /** Whose; found by the id alone if not told. */
  host?: MemberId | null;
}

/** One activity with all that one may know of it. */
export interface ActivityDetail {
  /** The activity. */
  activity: Activity;
  /** Whether one can sign up now. */
  can_book: boolean;
  /** Whether one can call it off. */
  can_call_off: boolean;
  /** Who has signed up, in the order in which the host's device has heard; for the host alone. */
  guests: Guest[];
}

export type ActivityId = string;

/** Which activities to show. */
export type ActivityShow = 'to-come' | 'mine' | 'past';

/** What one does about an activity. */
export type ActivityStep = 'book' | 'cancel' | 'pay' | 'contest' | 'call-off';

/** What one does about an activity. */
export interface ActivityStepArgs {
  /** Which. */
  activity: ActivityId;
  /** Whose; found by the id alone if not told. */
  host?: MemberId | null;
  /** What. */
  step: ActivityStep;
}

/** A category to add. */
export interface AddCategoryArgs {
  /** The class, by its name. */
  class: string;
  /** 1 to 12 characters. */
  name: string;
}

/** A category that was added to the tree. */
export interface AddedCategory {
  /** How listings name it: `added:` and the id. */
  category: string;
  /** The class, by its name. */
  class: string;
  /** Its id. */
  id: CategoryId;
  /** Whether one has added it oneself. */
  mine: boolean;
  /** Its name. */
  name: string;
}

/** Whom a matter is put to. */
export type Addressee = 'officials' | 'property-firm' | 'committee-office' | 'answerers' | 'member';

/** An activity to announce. */
export interface AnnounceArgs {
  /** At most 2,000 characters; may be empty. */
  body?: string;
  /** What coming costs, in points; nothing if not told. */
  cost?: number;
  /** The group whose evening it is; by who is in it. */
  group?: GroupArgs | null;
  /** For how many hours, from 1 to 12. */
  hours: number;
  /** What somebody is asked for who keeps a place and stays away, in points; nothing if not told. */
  no_show?: number;
  /** For how many there is room; for all if not told. */
  places?: number | null;
  /** When it begins, in milliseconds since 1970. */
  starts_at: number;
  /** Who teaches, whom the fund thanks; for organisers, organisations and the desk. */
  teacher?: MemberId | null;
  /** 1 to 60 characters. */
  title: string;
  /** Who is paid that. */
  to: Payee;
  /** Where it is, in words; at most 60 characters, may be empty. */
  venue?: string;
}

/** What was announced. */
export interface Announced {
  /** Its id. */
  activity: ActivityId;
}

/** An answer to a listing. */
export interface AnswerArgs {
  /** One's own listing that fits. */
  counterpart?: ListingId | null;
  /** When a lent thing is to be back, in milliseconds since 1970; a loan needs it. */
  due_at?: number | null;
  /** Which listing. */
  listing: ListingId;
  /** Whose; looked up if not told. */
  owner?: MemberId | null;
  /** What the receiver pays; what the listing says if not told. */
  points?: number | null;
}

/** An answer of a mediator to both. */
export interface AnswerBothArgs {
  /** To which report. */
  complaint: ComplaintId;
  /** 1 to 500 characters. */
  text: string;
}

/** An answer to a complaint. */
export interface AnswerComplaintArgs {
  /** Which. */
  complaint: ComplaintId;
  /** The answer, 1 to 500 characters. */
  text: string;
}

/** An answer to a reviewer's question. */
export interface AnswerQuestionArgs {
  /** The question. */
  question: QuestionId;
  /** The answer, 1 to 500 characters. */
  text: string;
}

/** A deal's id. */
export interface Answered {
  /** The id. */
  deal: DealId;
}

/** Why something was not done. Nothing was changed then, unless the sentence says otherwise. */
export interface ApiError {
  /** What happened, for programs; one of a closed set. */
  code: Code;
  /** The figures in the sentence, by name, for screens in other languages. */
  details?: Record<string, unknown>;
  /** What to do now, if there is something. */
  hint?: string | null;
  /** What happened, for people. */
  sentence: string;
}

/** This household's own application. */
export interface ApplicationNote {
  /** What one wrote of one's household. */
  household?: string | null;
  /** What reviewers have asked, the first first. */
  questions: Question[];
  /** Why it was refused, in words. */
  reason?: string | null;
  /** Who or what refused it. */
  refused_by?: RefusedBy | null;
  /** Where it stands. */
  state: ApplicationState;
  /** The map to pick one's block from, while that is asked. */
  zones: Zone[];
}

/** Where this household's own application stands. */
export type ApplicationState = 'none' | 'searching' | 'sent' | 'refused' | 'approved' | 'closed' | 'disputed' | 'pick-place';

/** An application on its way. */
export interface Applied {
  /** Where it stands; its answer comes as a change of `application`. */
  state: ApplicationState;
}

/** A newcomer's application. */
export interface ApplyArgs {
  /** A sentence about themselves, at most 200 characters. */
  about?: string;
  /** Where they live as neighbours may see it, at most 30 characters. */
  block?: string;
  /** The household, 1 to 60 characters; only reviewers read it. */
  household: string;
  /** The ticket (`KAIFONG1…`) or the short code (`ABCD-EFGH-JKMN`). */
  invitation: string;
  /** Person, desk, or which kind of organisation; a person if not told. */
  kind?: MemberKind;
  /** What neighbours will call them, 1 to 30 characters. */
  name: string;
  /** That they are 14 or older, which whoever applies states; for a child a guardian joins and acts. */
  of_age?: boolean;
  /** The phone number, at most 30 characters; only reviewers read it. */
  phone?: string;
  /** The real name, 1 to 60 characters; only reviewers read it. */
  real_name: string;
}

/** Who is let in, and how. */
export interface ApproveArgs {
  /** The newcomer's device. */
  device: DeviceId;
  /** Whether they hold the vote of their unit. */
  votes?: boolean;
}

/** Recurring help as one of the two sees it. */
export interface Arrangement {
  /** As the one who is helped: how many points this device could sign for now, of what is owed and of what it would be if all were confirmed; the rest stays owed. */
  can_pay: number;
  /** The days around today that are anything, ascending. */
  days: HelpDay[];
  /** The deal that it came of. */
  deal?: DealId | null;
  /** What that comes to, in points. */
  earned: number;
  /** The last day, where one was said. */
  ended?: number | null;
  /** Who has said it. */
  ended_by?: Person | null;
  /** Who helps. */
  giver: Person;
  /** Whether oneself is the one who helps. */
  helps: boolean;
  /** The entry that proposed it first. */
  id: EntryHash;
  /** What the one who is helped has still to sign for. */
  owed: number;
  /** What of it was paid and taken. */
  paid: number;
  /** The pauses that were not taken back, the first first. */
  pauses: HelpPause[];
  /** Who is helped. */
  receiver: Person;
  /** The first and the last of these days. */
  since?: number | null;
  /** Where it stands. */
  stage: RecurringStage;
  /** The terms that hold; what was proposed while nothing is agreed to. */
  terms: HelpTerms;
  /** Whether the other has. */
  they_tried: boolean;
  /** How often help was given, as both have confirmed. */
  times: number;
  /** Days that were told and wait for being confirmed, ascending. */
  to_confirm: HelpTold[];
  /** Whether oneself has said that the trial visit went well. */
  tried: boolean;
  /** The last of these days. */
  until?: number | null;
  /** Other terms that wait for an agreement. */
  waiting: HelpTerms[];
}

/** An arrangement. */
export interface ArrangementArgs {
  /** Which. */
  arrangement: EntryHash;
}

/** Recurring help of one's own. */
export interface Arrangements {
  /** What goes on first, then the others; the newest first. */
  rows: Arrangement[];
}

/** A question to the newcomer with this device. */
export interface AskArgs {
  /** The newcomer's device. */
  device: DeviceId;
  /** The question, 1 to 200 characters. */
  text: string;
}

/** A request to be introduced. */
export interface AskIntroductionArgs {
  /** Who is to introduce. */
  introducer: MemberId;
  /** Why, 1 to 200 characters. */
  text: string;
  /** To whom; to somebody whom they may think of if not told. */
  whom?: MemberId | null;
}

/** A space and when it is wanted. */
export interface AskSpaceArgs {
  /** Until when; from a quarter of an hour to a day later, of a thing that is lent up to two weeks. */
  ends_at: number;
  /** Which listing. */
  listing: ListingId;
  /** Whose; looked up if not told. */
  owner?: MemberId | null;
  /** For how many people, 1 to 500; of a thing 1. */
  people: number;
  /** For what: one of a space's purposes; of a thing `other-use`. */
  purpose: Form;
  /** From when on, in milliseconds since 1970. */
  starts_at: number;
}

/** A booking's id. */
export interface AskedSpace {
  /** The id. */
  booking: BookingId;
}

/** For whom a listing is. */
export interface Audience {
  /** Whether one lives there oneself, as this device knows. */
  includes_me: boolean;
  /** What it is called; `null` when the map does not have it any more. */
  name?: string | null;
  /** The zone or block. */
  place: number;
}

/** What an audit of everything on this device found. */
export interface Audit {
  /** Their changes. */
  changes: number;
  /** Documents looked at. */
  documents: number;
  /** Journal entries. */
  entries: number;
  /** The first thing that is wrong. */
  first_fault?: string | null;
  /** The sum of all balances: zero. */
  ledger_sum: number;
  /** How long it took, in milliseconds. */
  ms: number;
  /** Whether everything is as it was signed. */
  ok: boolean;
  /** The hash of everything a screen can show. */
  projection: string;
  /** Signatures verified. */
  signatures: number;
}

/** Who still has a thing. */
export interface Behind {
  /** The deal. */
  deal: DealId;
  /** Until when. */
  due_at?: number | null;
  /** Who. */
  who: Person;
}

/** Blank slips: what is printed on each is its number alone. */
export interface BlankSlips {
  /** The building's name. */
  building: string;
  /** The building's id. */
  id: BuildingId;
  /** Three groups of five digits each. Nobody keeps them. */
  numbers: string[];
}

/** How many blank slips are to be printed. */
export interface BlankSlipsArgs {
  /** From 1 to 80. */
  count: number;
}

/** A block of the map. */
export interface Block {
  /** Its number. */
  id: number;
  /** What kind. */
  kind: BlockKind;
  /** How many members let it be seen that they live there. */
  members: number;
  /** What it is called. */
  name: string;
}

/** A block as it is to be. */
export interface BlockArgs {
  /** Its number; a new one gets one. */
  id?: number | null;
  /** What kind. */
  kind: BlockKind;
  /** What it is called, 1 to 12 characters. */
  name: string;
}

/** What kind of block. */
export type BlockKind = 'tower' | 'group' | 'street';

/** Whom one would have nothing to do with, or would again. */
export interface BlockMemberArgs {
  /** Would not, or would again. */
  blocked: boolean;
  /** Whom. */
  member: MemberId;
}

/** Whom one would have nothing to do with. Nobody else knows. */
export interface Blocked {
  /** Who. */
  rows: Person[];
}

/** One's own booking. */
export interface Booking {
  /** Whether what was agreed to is what the activity says. */
  agrees: boolean;
  /** When one signed up. */
  at: number;
  /** Whether it can be taken back. */
  can_cancel: boolean;
  /** Whether it can be paid now. */
  can_pay: boolean;
  /** Whether one is asked for it now: they say that one came, or did not, and nothing is paid. */
  due: boolean;
  /** What may be due, at the door or after. */
  owed?: Owed | null;
  /** What was paid, if something was. */
  paid?: Owed | null;
  /** How many points that was. */
  paid_points: number;
  /** What became of that payment. */
  paid_state?: LineState | null;
  /** How many points that is. */
  points: number;
  /** Where it stands. */
  stage: BookingStage;
}

export type BookingId = string;

/** Where a booking stands. */
export type BookingStage = 'came' | 'placed' | 'contested' | 'absent' | 'waiting' | 'late' | 'cancelled';

/** What a line of a statement bought. */
export interface Bought {
  /** Whether it is the points that came back. */
  back: boolean;
  /** The order. */
  order: OrderId;
  /** How many pieces. */
  pieces: number;
  /** What it was; `null` while its words are unknown here. */
  title?: string | null;
}

/** What was taken along. */
export interface Brought {
  /** How many offers and needs were posted in the new building. */
  listings: number;
}

/** What a treasurer is given in all. */
export interface BudgetArgs {
  /** Who. */
  member: MemberId;
  /** How many points since the beginning; never fewer than before. */
  points: number;
}

/** The building. */
export interface Building {
  /** Its numbers. */
  charter: Charter;
  /** The council's step; 0 is the founding. */
  epoch: number;
  /** When it was founded. */
  founded_at: number;
  /** Who founded it, and is trusted while it has under three seats. */
  founder: Person;
  /** Its id. */
  id: BuildingId;
  /** How many members it has. */
  members: number;
  /** Its name. */
  name: string;
  /** Who holds which role. */
  roles: Held[];
  /** Devices whose stamps count. */
  witnesses: DeviceId[];
  /** The map of zones and blocks; empty where nobody has made one. */
  zones: Zone[];
}

export type BuildingId = string;

/** A drive to call for. */
export interface CallDriveArgs {
  /** At most 500 characters. */
  body?: string;
  /** How many are wanted, 1 to 9,999. */
  target: number;
  /** 1 to 60 characters. */
  title: string;
  /** In which unit, 1 to 6 characters. */
  unit: string;
  /** Until when things can be promised, in milliseconds since 1970. */
  until: number;
}

/** A drive's id. */
export interface Called {
  /** The id. */
  drive: DriveId;
}

/** Those who came before this reviewer by one invitation. */
export interface CameBy {
  /** Who made it. */
  by?: Person | null;
  /** How many came in all. */
  came: number;
  /** The invitation; `null` for those of which none is known here. */
  invite?: InviteId | null;
  /** Whether it is one's own, and can be withdrawn here. */
  mine: boolean;
  /** Whether it admits requests now. */
  open: boolean;
  /** How many of them wait. */
  waiting: number;
}

/** What a person is vouched for as. */
export type Capacity = 'medical' | 'social-worker' | 'security' | 'official' | 'guardian' | 'expert-repairs' | 'expert-building' | 'expert-law' | 'expert-accounts' | 'expert-teaching' | 'expert-computers' | 'expert-plants' | 'expert-arts';

/** The account of somebody with a card, after what waited was taken. */
export interface CardAccount {
  /** What others have thanked them with, less what they have thanked others with. */
  balance: number;
  /** The newest lines, at most twenty. */
  lines: Line[];
  /** How many lines there are. */
  lines_total: number;
  /** How much they can give before a witness has seen their journal. */
  most: number;
  /** Whose. */
  person: Person;
  /** What they can still spend here. */
  rights: number;
  /** Slips of theirs that ask for an answer. */
  slips: SlipRow[];
}

/** Somebody with a card, and who helps them. */
export interface CardArgs {
  /** The fifty digits on the card. */
  digits: string;
  /** Their PIN. */
  pin: string;
  /** The volunteer who helps. */
  volunteer: MemberId;
}

/** A key that this desk keeps. */
export interface CardDeviceArgs {
  /** Its public half. */
  device: DeviceId;
}

/** Somebody with a card gives points. */
export interface CardGiveArgs {
  /** The card. */
  card: CardArgs;
  /** How many. */
  points: number;
  /** To whom. */
  to: MemberId;
}

/** What is printed on a card, once: the digits are kept nowhere else. */
export interface CardPaper {
  /** When it was made. */
  at: number;
  /** The building's name. */
  building: string;
  /** Ten groups of five digits. */
  digits: string;
  /** The building's id. */
  id: BuildingId;
  /** Whose card it is. */
  name: string;
}

/** One of them. */
export interface CardRow {
  /** When the card was made. */
  at: number;
  /** The public half of the key that is kept. */
  device: DeviceId;
  /** Whose card it is. */
  name: string;
  /** The member, once a reviewer has certified the key. */
  person?: Person | null;
  /** What reviewers ask before they decide, to be answered in person. As read at the last visit with card and PIN. */
  questions?: string[];
  /** Why a reviewer said no, in their own words; may be empty. As read at the last visit with card and PIN. */
  refused?: string | null;
  /** How many slips wait to be paid. */
  slips: number;
  /** Where it stands. */
  state: CardState;
  /** How many payments wait to be taken. */
  waiting: number;
}

/** Somebody with a card answers for a slip of theirs. */
export interface CardSlipArgs {
  /** The card. */
  card: CardArgs;
  /** Whether it is theirs and is paid; else they say that it is none of theirs. */
  pays: boolean;
  /** The entry that holds the slip. */
  slip: EntryHash;
}

/** Where a card at the desk stands. */
export type CardState = 'waiting' | 'certified' | 'open' | 'closed' | 'refused' | 'asked';

/** The cards that this desk has given out. */
export interface Cards {
  /** Whether this device is a desk's. */
  desk: boolean;
  /** The newest first. */
  rows: CardRow[];
  /** Who may help: volunteers who are here. */
  volunteers: Person[];
}

/** What was added to the tree of categories. */
export interface Categories {
  /** In the order of the classes, then by name. */
  added: AddedCategory[];
  /** Whether one may add some. */
  can_add: boolean;
  /** Whether one may enter offers and needs for somebody without a phone. */
  can_enter_for: boolean;
}

/** A category of one's own. */
export interface CategoryArgs {
  /** Which. */
  category: CategoryId;
}

export type CategoryId = string;

/** What a draft of the council would change. */
export type ChangeKind = 'seated' | 'unseated' | 'post-changed' | 'key-changed' | 'cut-off' | 'leads-first' | 'role-given' | 'role-taken' | 'witness-named' | 'witness-left' | 'points-per-hour' | 'credit-line' | 'quota' | 'place-added' | 'place-removed' | 'place-changed' | 'fund-starter' | 'fund-alone' | 'fund-quota' | 'fund-rate' | 'fund-budget';

/** Rows changed: whoever shows them reads again. */
export interface Changed {
  /** Which kinds of rows. */
  tags: Tag[];
}

/** The building's numbers, in points. */
export interface Charter {
  /** How far below zero a balance may go. */
  credit_line: number;
  /** What an hour of help earns by default. */
  points_per_hour: number;
  /** How much may be spent before a witness has seen it. */
  quota: number;
}

/** That an own medical device was cleaned and checked. */
export interface CheckArgs {
  /** Who cleaned and checked it, 1 to 30 characters. */
  by: string;
  /** Which listing. */
  listing: ListingId;
}

/** What a card shows. */
export interface CheckPassArgs {
  /** Its eight characters. */
  code: string;
  /** The day, as people at the place count. */
  day: number;
}

/** That a medical device was cleaned and checked. */
export interface Checked {
  /** When, as its owner's device claims. */
  at: number;
  /** Who did it. */
  by: string;
}

/** By which right somebody lives in a unit. */
export type Claim = 'owner' | 'authorised' | 'tenant' | 'family';

/** A class that has begun and that somebody came to, whose teacher the fund can thank. */
export interface ClassNote {
  /** The activity. */
  activity: Activity;
  /** How many came. */
  came: number;
  /** Who taught. */
  teacher: Person;
  /** For what of the days around it the teacher has been granted points, or is about to be. */
  thanked: ThankedNote[];
}

/** Classes whose teachers the fund can thank. */
export interface Classes {
  /** The newest first. */
  rows: ClassNote[];
}

/** One's own device, to be closed. */
export interface CloseDeviceArgs {
  /** The device. */
  device: DeviceId;
  /** Whether somebody else has said with it that one moves out or erases everything: then these words go, too, and all that it has said after them. */
  disown: boolean;
}

/** The end of an own drive. */
export interface CloseDriveArgs {
  /** Which. */
  drive: DriveId;
  /** What was made of it, at most 500 characters. */
  report?: string;
}

/** Somebody whom the keeper of a thing names as its owner. */
export interface CoOwner {
  /** What they have said of it themselves. */
  share: ShareState;
  /** Who. */
  who: Person;
}

export type Code = 'text-empty' | 'text-too-long' | 'text-unprintable' | 'out-of-range' | 'mode-mismatch' | 'task-mismatch' | 'kind-missing' | 'listing-unknown' | 'listing-not-yours' | 'listing-closed' | 'own-listing' | 'check-missing' | 'not-medical' | 'already-answered' | 'listing-taken' | 'places-full' | 'places-mismatch' | 'due-mismatch' | 'direction-mismatch' | 'deal-unknown' | 'not-a-party' | 'not-your-step' | 'wrong-stage' | 'already-confirmed' | 'still-out' | 'day-outside' | 'not-later' | 'no-later-day' | 'beyond-rights' | 'beyond-quota' | 'transfer-malformed' | 'payee-unknown' | 'member-unknown' | 'role-missing' | 'request-unknown' | 'already-member' | 'invite-unknown' | 'invite-expired' | 'invite-withdrawn' | 'inbox-full' | 'not-yet-member' | 'device-unknown' | 'sheet-mistyped' | 'sheet-unknown' | 'sheet-spent' | 'approval-unknown' | 'not-finished' | 'not-standing' | 'seat-missing' | 'no-council' | 'draft-unknown' | 'details-unknown' | 'nobody-to-hear' | 'complaint-unknown' | 'refounding-unknown' | 'followed-twice' | 'cutoff-too-low' | 'reviewer-missing' | 'seats-malformed' | 'seat-sheet-unknown' | 'too-young' | 'asked-enough' | 'question-unknown' | 'still-open' | 'seat-held' | 'last-reviewer' | 'has-left' | 'is-away' | 'you-left' | 'not-leaving' | 'mark-unknown' | 'place-unknown' | 'place-twice' | 'place-empty' | 'map-too-large' | 'not-addressed' | 'no-place-asked' | 'other-building' | 'not-for-this-device' | 'shown-false' | 'shown-too-long' | 'matter-unknown' | 'own-matter' | 'matter-closed' | 'matters-full' | 'not-answerer' | 'already-taken-up' | 'said-enough' | 'not-an-organisation' | 'staff-full' | 'off-rate' | 'second-needed' | 'budget-spent' | 'nothing-left' | 'granted-already' | 'not-a-person' | 'list-unknown' | 'not-impartial' | 'no-fund' | 'budget-reduced' | 'in-dispute' | 'not-in-dispute' | 'own-deal' | 'nothing-owed' | 'corrected-enough' | 'activity-unknown' | 'own-activity' | 'activity-closed' | 'already-booked' | 'not-booked' | 'already-paid' | 'activities-full' | 'slip-mistyped' | 'slip-elsewhere' | 'slip-unknown' | 'slip-entered' | 'slip-paid' | 'slip-disowned' | 'slip-taken-back' | 'slip-not-yours' | 'not-the-desk' | 'card-mistyped' | 'card-unknown' | 'card-pin-wrong' | 'card-pin-too-soon' | 'cards-full' | 'form-mismatch' | 'category-unknown' | 'not-a-shop' | 'good-unknown' | 'good-over' | 'sold-out' | 'cap-reached' | 'own-good' | 'goods-full' | 'till-gone' | 'order-unknown' | 'order-over' | 'other-till' | 'pick-up-code-wrong' | 'slot-length' | 'slot-past' | 'slot-taken' | 'not-a-space' | 'slot-unknown' | 'slot-over' | 'slots-full' | 'group-unknown' | 'own-group' | 'not-in-group' | 'resource-unknown' | 'too-many' | 'not-acquainted' | 'not-named' | 'owner-stands' | 'not-kept' | 'aside-mismatch' | 'says-too-much' | 'not-a-proxy' | 'not-reviewed' | 'blocked' | 'thread-unknown' | 'nothing-shown' | 'picture-unfit' | 'introduction-unknown' | 'not-an-introducer' | 'drive-unknown' | 'drive-over' | 'own-drive' | 'care-full' | 'arrangement-unknown' | 'arrangement-stage' | 'own-proposal' | 'words-missing' | 'other-side' | 'day-ahead' | 'no-days' | 'arrangements-full' | 'pass-unknown' | 'pass-over' | 'no-building' | 'already-home' | 'not-saved' | 'bad-arguments' | 'unknown-name' | 'not-reachable' | 'store-unusable' | 'no-session' | 'foreign-page' | 'home-unknown' | 'home-untold' | 'homes-full' | 'unreadable-file' | 'columns-unknown' | 'unreadable-code' | 'locked' | 'pin-wrong' | 'pin-too-soon' | 'pin-weak' | 'lock-needs-sheet';

/** A complaint about a member. */
export interface ComplainArgs {
  /** About whom. */
  about: MemberId;
  /** What it says, 1 to 1,000 characters. */
  text: string;
}

/** An answer to a complaint. */
export interface ComplaintAnswerRow {
  /** When, in milliseconds since 1970, as their device claims. */
  at: number;
  /** Who answers. */
  by: Person;
  /** What they say. */
  text: string;
}

export type ComplaintId = string;

/** One complaint. */
export interface ComplaintRow {
  /** About whom. */
  about: Person;
  /** The answers, the first first. */
  answers: ComplaintAnswerRow[];
  /** When, in milliseconds since 1970, as the sender's device claims. */
  at: number;
  /** Who complains. */
  by: Person;
  /** Its id. */
  complaint: ComplaintId;
  /** Whether it is a report that one can answer to both. */
  for_both?: boolean;
  /** Whether one has made it oneself. */
  mine: boolean;
  /** What of a conversation it shows, if it is a report: exactly what was chosen, each verified to be the other's. */
  shown?: ShownRow[];
  /** What it says. */
  text: string;
}

/** Complaints that one has made or hears. */
export interface Complaints {
  /** Who hears it; whom it is about never does. */
  hearers: Person[];
  /** About whom one may well complain: who has a role, a seat, or manages the building. */
  officers: Person[];
  /** The last first. */
  rows: ComplaintRow[];
}

/** How a lent thing comes back. */
export type Condition = 'good' | 'worn' | 'damaged';

/** The council. */
export interface Council {
  /** Whether two decisions stand against each other, and the seats that signed once decide anew. */
  against: boolean;
  /** Whether one may write a draft: a seat, or the founder. */
  drafting: boolean;
  /** What lies before the council, what most have signed first. */
  drafts: DraftRow[];
  /** How often anything was decided. */
  epoch: number;
  /** Whether the founder still decides alone. */
  founding: boolean;
  /** How many signatures decide; 0 while the founder does. */
  needed: number;
  /** Whether one's own device speaks for a seat. */
  seated: boolean;
  /** Who sits, in the order in which they lead. */
  seats: SeatRow[];
  /** How many seats a whole council has at least. */
  seats_least: number;
  /** And at most. */
  seats_most: number;
  /** Whether one has said so oneself. */
  standing: boolean;
  /** Who would sit, and does not yet. */
  stands: Person[];
  /** Who leads first. */
  turn?: Person | null;
}

/** Which of one's own things were found where they lie. */
export interface CountArgs {
  /** Who looked, 1 to 30 characters. */
  by: string;
  /** Which listings, 1 to 500. */
  found: ListingId[];
}

/** What signed facts say of a member. */
export interface CreditRecord {
  /** Deals that both confirmed. */
  completed: number;
  /** Of these: where they gave. */
  given: number;
  /** Of these: by the agreed day, as both have signed. */
  loans_in_time: number;
  /** Things they lent and have back. */
  loans_lent: number;
  /** Things they have borrowed now. */
  loans_out: number;
  /** Things they borrowed and brought back. */
  loans_returned: number;
  /** Of these: where they received. */
  received: number;
  /** How many reviews there are. */
  reviews: number;
  /** The mean of their stars, 1 to 5; `null` without a review. */
  stars?: number | null;
}

/** A deal between two neighbours. */
export interface Deal {
  /** When it was answered. */
  answered_at: number;
  /** Who answered. */
  answerer: Person;
  /** The later day that who borrows has named and who lends has not answered; for the two alone. */
  asked_until?: number | null;
  /** Who still has the thing that goes to this one next. */
  behind?: Behind | null;
  /** How the thing came back, as who borrowed it says; likewise. */
  brought?: Condition | null;
  /** When it last changed. */
  changed_at: number;
  /** The answerer's own listing that fits. */
  counterpart?: ListingId | null;
  /** How it stands with the points, where the two have said different numbers; for the two and for mediators, `null` for everybody else. */
  dispute?: DisputeNote | null;
  /** When a lent thing is to be back; the screen compares it with its clock. Once it is back, for the two alone. */
  due_at?: number | null;
  /** Whether all places of what it is about are taken: its owner agrees once one is free. */
  for_place?: boolean;
  /** How the thing came back, as who lent it says; for the two and for mediators. */
  found?: Condition | null;
  /** Who gives. */
  giver: Person;
  /** Whether the giver has confirmed the step under way. */
  giver_confirmed: boolean;
  /** Its id. */
  id: DealId;
  /** How many wait in line for the thing that this loan is about. */
  in_line?: number;
  /** Where an answer stands among those who wait for a thing that is lent. */
  line?: LinePlace | null;
  /** The listing that was answered. */
  listing: ListingId;
  /** Whether a thing is lent and comes back. */
  loan: boolean;
  /** What one can do next oneself; `null` when it is the other's turn or one is not a party. */
  my_step?: Step | null;
  /** That step as one plain verb. */
  my_verb?: string | null;
  /** The later day that who lends gives; it counts once the other takes the thing, or agrees. For the two alone. */
  offered_until?: number | null;
  /** Whose listing it is, and who agrees. */
  owner: Person;
  /** What the receiver pays. */
  points: number;
  /** Who receives and pays. */
  receiver: Person;
  /** Whether the receiver has. */
  receiver_confirmed: boolean;
  /** Whether the lent thing came back by the agreed day, as both have signed. That it did not is told to the two alone: `null` for everybody else. */
  returned_in_time?: boolean | null;
  /** Its side. */
  side: Side;
  /** Where it stands. */
  stage: Stage;
  /** Its title; `null` when it is not here (any more). */
  title?: string | null;
  /** Who waits for whom, in words: `等 502 陈姨确认`. */
  waiting: string;
  /** For whom it waits. */
  waits_for: Person[];
  /** The deal that won the listing, when this one is lost. */
  winner?: DealId | null;
}

/** A deal. */
export interface DealArgs {
  /** Which. */
  deal: DealId;
}

/** A deal with everything signed about it. */
export interface DealDetail {
  /** The deal. */
  deal: Deal;
  /** When the deal is lost: to which, and why. */
  lost?: Lost | null;
  /** Its payments. */
  payments: Line[];
  /** How it stands with the two's phone numbers; `null` for everybody else. */
  phone?: Phone | null;
  /** What the two say of it. */
  reviews: ReviewNote[];
  /** Whom to turn to while the other party cannot see to it themselves. */
  turn_to: Person[];
  /** 凭证: its signed entries, in the order of the steps. */
  vouchers: Voucher[];
}

export type DealId = string;

/** Deals. */
export interface Deals {
  /** The last changed first. */
  rows: Deal[];
  /** How many there are. */
  total: number;
}

/** Which deals to show, the last changed first. */
export interface DealsArgs {
  /** Also those between others. */
  all?: boolean;
  /** At most this many, 1 to 200; 50 if not told. */
  limit?: number | null;
  /** Only those on this listing. */
  listing?: ListingId | null;
  /** Only those under way (`true`) or over (`false`). */
  live?: boolean | null;
  /** Only this member's; also those between others, if it is not oneself. */
  member?: MemberId | null;
}

/** What one has done, in one's journals. */
export interface Deeds {
  /** Deals with others. */
  deals: number;
  /** Signed entries. */
  entries: number;
  /** What others have said of one. */
  reviews: number;
}

/** What a member has told the reviewers, as one of them opens it. */
export interface Details {
  /** The household. */
  household: string;
  /** The phone number; may be empty. */
  phone: string;
  /** The real name. */
  real_name: string;
}

/** A newcomer's device. */
export interface DeviceArgs {
  /** The device. */
  device: DeviceId;
}

export type DeviceId = string;

/** What one device can spend. */
export interface DevicePoints {
  /** The device. */
  device: DeviceId;
  /** Its journal. */
  journal: JournalId;
  /** Whether a witness has opened its journal: before that it can be given points and spend none. */
  opened: boolean;
  /** How many points. */
  points: number;
  /** Whether it is this one. */
  this: boolean;
}

/** Where one of one's own devices stands. */
export type DeviceState = 'in-use' | 'linked' | 'closed' | 'disputed';

/** What a neighbour has said of this device. */
export type DeviceTold = 'closed' | 'uncertified';

/** One's own devices. */
export interface Devices {
  /** Who wants to come back as oneself. */
  asked: Return[];
  /** How many points this device can hand over now. */
  can_move: number;
  /** How many of them it holds in all. */
  rights: number;
  /** This one first, then those in use, then those that were closed. */
  rows: OwnDevice[];
  /** The recovery sheet that is valid now. */
  sheet?: SheetNote | null;
  /** What a neighbour has said of this device. Its word alone changes nothing. */
  told?: DeviceTold | null;
}

/** Into or out of the account. */
export type Direction = 'in' | 'out';

/** What the two of a deal say is right for it in points, all in all, and what comes of it. */
export interface DisputeNote {
  /** What the deal is to be paid with in all; `null` while it is in dispute. */
  figure?: number | null;
  /** What the giver says. */
  giver: number;
  /** How much. */
  owed: number;
  /** Who still owes something for the finished deal. */
  owes?: Person | null;
  /** What the receiver says. */
  receiver: number;
  /** Which mediator. */
  ruled_by?: Person | null;
  /** What a mediator has said last. */
  ruling?: number | null;
  /** Whose word is asked for; `null` when both have spoken. */
  waits_for?: Person | null;
}

/** A donor of a drive. */
export interface Donor {
  /** When they promised it. */
  at: number;
  /** Who. */
  member: Person;
  /** What else they say. */
  note: string;
  /** How many they promise. */
  pledged: number;
  /** How many have come, as far as both say so. */
  received: number;
  /** How many the one who calls says have come; `null` while they say nothing. */
  said?: number | null;
}

/** What is to be otherwise from the next epoch on; what is left out stays. */
export interface DraftArgs {
  /** The building's numbers. */
  charter?: Charter | null;
  /** The community fund. */
  fund?: FundDraftArgs | null;
  /** The whole map of zones and blocks. */
  places?: ZoneArgs[] | null;
  /** All roles and who holds them. */
  roles?: HoldArgs[] | null;
  /** Who sits, in the order in which they lead. */
  seats?: SeatArgs[] | null;
}

/** One thing that would be otherwise. */
export interface DraftChange {
  /** What the fund gives points for. */
  act?: GrantAct | null;
  /** The number that it would be. */
  after?: number | null;
  /** The number that it was. */
  before?: number | null;
  /** What it would be called; `null` for one that goes. */
  is?: string | null;
  /** Whom it is about. */
  person?: Person | null;
  /** The post. */
  post?: Post | null;
  /** The role. */
  role?: Role | null;
  /** What a zone or block was called; `null` for a new one. */
  was?: string | null;
  /** What. */
  what: ChangeKind;
}

/** One draft. */
export interface DraftRow {
  /** Whether one has agreed to it oneself. */
  agreed: boolean;
  /** Who wrote it. */
  by: Person;
  /** What it would change. */
  changes: DraftChange[];
  /** Its id. */
  draft: EntryHash;
  /** Who has not. */
  missing: Person[];
  /** Whether its turn has come: it was laid before the others. */
  proposed: boolean;
  /** Who has signed it. */
  signed: Person[];
}

/** A draft that was written. */
export interface Drafted {
  /** Its id. */
  draft: EntryHash;
}

/** A drive. */
export interface Drive {
  /** What it is for. */
  body: string;
  /** When it was closed. */
  closed_at?: number | null;
  /** Which. */
  drive: DriveId;
  /** Whether it is one's own. */
  mine: boolean;
  /** Whether things can be promised now. */
  open: boolean;
  /** Who calls for things. */
  owner: Person;
  /** What donors have promised. */
  pledged: number;
  /** When it was called for. */
  put_at: number;
  /** What has come, as far as both say so. */
  received: number;
  /** What was made of it. */
  report: string;
  /** How many are wanted. */
  target: number;
  /** The title. */
  title: string;
  /** In which unit. */
  unit: string;
  /** Until when things can be promised. */
  until: number;
}

/** A drive. */
export interface DriveArgs {
  /** Which. */
  drive: DriveId;
  /** Whose. */
  owner: MemberId;
}

/** A drive with its donors. */
export interface DriveDetail {
  /** Who gives what, the first first. */
  donors: Donor[];
  /** The drive. */
  drive: Drive;
  /** What one has said with it. */
  my_note: string;
  /** What one has promised oneself; 0 without. */
  my_pledge: number;
}

export type DriveId = string;

/** Drives. */
export interface Drives {
  /** Those that run first, then the newest. */
  rows: Drive[];
}

/** The new words of an own listing. */
export interface EditArgs {
  /** Which listing. */
  listing: ListingId;
  /** What it says from now on; all of it is replaced. */
  words: PostArgs;
}

/** Who is to have a card at this desk. */
export interface EnrolArgs {
  /** The block that neighbours may see, at most 30 characters. */
  block?: string;
  /** The household, 1 to 60 characters; for reviewers only. */
  household: string;
  /** What neighbours will call them, 1 to 30 characters. */
  name: string;
  /** Whether they are 14 or older. */
  of_age: boolean;
  /** A phone number, at most 30 characters; for reviewers only. */
  phone?: string;
  /** 4 to 8 digits that only they know. */
  pin: string;
  /** The real name, 1 to 60 characters; for reviewers only. */
  real_name: string;
}

/** A slip, as it stands on paper. */
export interface EnterSlipArgs {
  /** On which day it was signed, in days since 1970-01-01; today if not told. */
  day?: number | null;
  /** The fifteen digits that are printed on it. */
  number: string;
  /** Who is thanked. */
  payee: MemberId;
  /** Who thanks. */
  payer: MemberId;
  /** With how many points. */
  points: number;
}

/** A slip was entered. */
export interface EnteredSlip {
  /** The entry that holds it. */
  slip: EntryHash;
}

export type EntryHash = string;

/** All that this device holds of its owner, packed. */
export interface Exported {
  /** How large the `.zip` is, in bytes. */
  bytes: number;
  /** How many signed entries are in it. */
  entries: number;
  /** The name under which to save it. */
  name: string;
  /** The `.zip`, in base 64. */
  zip: string;
}

/** A payment face to face. */
export interface FaceArgs {
  /** The transfer, or the answer to it. */
  entry: EntryHash;
}

/** Where this device can be paid face to face. */
export interface FaceCode {
  /** How many points this device itself can pay face to face before a witness has seen it. */
  most: number;
  /** The text of the code. */
  text: string;
}

/** Where a payment between two devices face to face stands. */
export type FaceStage = 'payee' | 'paying' | 'settled' | 'taken' | 'waiting' | 'lacking';

/** What another device shows. */
export interface FaceTextArgs {
  /** The text of its code. */
  text: string;
}

/** A payment face to face, as this device sees it. */
export interface Faced {
  /** The transfer, once there is one. */
  entry?: EntryHash | null;
  /** The journal to pay into, where the other one can be paid. */
  journal?: JournalId | null;
  /** The other side; `null` while unknown here. */
  person?: Person | null;
  /** How many points it is about. */
  points?: number | null;
  /** Where it stands. */
  stage: FaceStage;
  /** What became of the transfer. */
  state?: LineState | null;
  /** The text of the code that the other device is to see next. */
  text?: string | null;
  /** Why it does not count, when it does not. */
  why?: string | null;
}

/** How many points are right for a deal. */
export interface FigureArgs {
  /** The deal. */
  deal: DealId;
  /** How many, all in all. */
  points: number;
}

/** What is wrong with a signed entry. */
export type Flaw = 'signature' | 'hash' | 'chain' | 'signer' | 'fork';

/** What points were given for. */
export type FlowFor = 'deal' | 'gift' | 'grant' | 'to-fund' | 'activity' | 'goods' | 'slip' | 'other';

/** What points were given for. */
export interface FlowNote {
  /** The act that the fund gave them for; `null` for what is no grant. */
  act?: GrantAct | null;
  /** The kind of what a deal was about; `null` where it is open, unknown here, or no deal. */
  kind?: Kind | null;
  /** How many. */
  points: number;
  /** What. */
  what: FlowFor;
}

/** Who took points. */
export type FlowTaker = 'neighbours' | 'fund' | 'organisations';

/** How points flow in the building, added up over everybody: what was taken and counts, each payment once. */
export interface Flows {
  /** What they were given for, the most first. */
  given: FlowNote[];
  /** By how many payments. */
  payments: number;
  /** How many points in all. */
  points: number;
  /** Who took them, the most first. */
  taken: TakerNote[];
}

/** Since when points are looked at. */
export interface FlowsArgs {
  /** Payments that were signed since then, in milliseconds since 1970; all without it. */
  since?: number | null;
}

/** How far somebody has come who follows into a building that was founded anew. */
export type FollowState = 'coming' | 'waiting' | 'there';

/** One who follows. */
export interface Follower {
  /** Where they say that they live, while they wait. */
  household?: string | null;
  /** Who, in the old building. */
  person: Person;
  /** How far they have come. */
  state: FollowState;
  /** Who has certified them there; `null` for the founder. */
  verified_by?: Person | null;
  /** Whether they hold the vote of their household there. */
  votes: boolean;
}

/** One who follows. */
export interface FollowerArgs {
  /** The home of the old building. */
  home: HomeId;
  /** Who, by their id in the old building. */
  member: MemberId;
  /** Which. */
  refounding: EntryHash;
  /** Whether they hold the vote of the household that they name now; only of who held one in the old building. */
  votes?: boolean;
}

/** Who follows into a building that is on this device. */
export interface Followers {
  /** In order of member. */
  rows: Follower[];
}

/** A home that is no longer looked at. Nothing of it was deleted. */
export interface Forgotten {
  /** Where its folder lies now. */
  aside: string;
}

/** The form of knowledge or of a skill, or the purpose of a space. */
export type Form = 'training' | 'talk' | 'lecture' | 'one-to-one' | 'mutual' | 'repair' | 'teaching' | 'holiday' | 'counselling' | 'arts' | 'deliberation' | 'culture' | 'community-service' | 'study' | 'other-use';

/** What a search found. */
export interface Found {
  /** The best first. */
  rows: Hit[];
}

/** A building to found. */
export interface FoundArgs {
  /** A sentence about the founder, at most 200 characters. */
  about?: string;
  /** Where the founder lives as neighbours may see it, at most 30 characters. */
  block?: string;
  /** The building's name, 1 to 40 characters. */
  building: string;
  /** What neighbours call the founder, 1 to 30 characters. */
  name: string;
}

/** A group to found. */
export interface FoundGroupArgs {
  /** What it is about, at most 300 characters. */
  about?: string;
  /** When it meets, at most 60 characters. */
  meets?: string;
  /** 1 to 30 characters. */
  name: string;
  /** Where it meets, at most 60 characters. */
  venue?: string;
}

/** A founded building. */
export interface Founded {
  /** Its id. */
  building: BuildingId;
}

/** What is to be otherwise with the fund; rates are replaced, budgets only grow. */
export interface FundDraftArgs {
  /** Up to this a treasurer grants alone. */
  alone: number;
  /** What treasurers are given in all since the beginning; who is left out keeps what they were given. */
  budgets?: BudgetArgs[];
  /** How much may be granted before a witness has seen it. */
  quota: number;
  /** What each act earns. */
  rates: RateNote[];
  /** What a newcomer is given once; 0 for nothing. */
  starter: number;
}

/** One line of the fund. */
export interface FundLine {
  /** The activity that is paid for, not told whether for coming or for having stayed away: that concerns the two. */
  activity?: string | null;
  /** When it was signed, as the payer's device claims. */
  at: number;
  /** The treasurer who granted or took it. */
  by?: Person | null;
  /** The other side; `null` while unknown here. */
  counterpart?: Person | null;
  /** Out of the fund, or into it. */
  direction: Direction;
  /** The entry. */
  entry: EntryHash;
  /** What the other side is: a person, or which kind of organisation. */
  kind?: MemberKind | null;
  /** How many. */
  points: number;
  /** What for; `null` for what was given to the fund. */
  purpose?: PurposeNote | null;
  /** Who has agreed to it besides. */
  seconded: Person[];
  /** Signed, accepted, stamped. */
  state: LineState;
  /** Why it does not count, when it does not. */
  why?: string | null;
}

/** What the fund has borne for one. */
export interface FundLoss {
  /** When that was signed, as its device claims. */
  at: number;
  /** The last entry that its member answers for. */
  last: EntryHash;
  /** Whose journal it was. */
  person: Person;
  /** What the device has still spent, in points. */
  spent: number;
  /** What was handed over more than once, in points. */
  twice: number;
}

/** What the fund has borne for closed journals. */
export interface FundLosses {
  /** One for each closed journal. */
  rows: FundLoss[];
  /** In all, in points. */
  total: number;
}

/** The community fund. */
export interface FundNote {
  /** Up to this a treasurer grants alone. */
  alone: number;
  /** What it was given by neighbours and gives, added up: below zero by what it has granted beyond gifts. */
  balance: number;
  /** What epochs have given it in all. */
  given: number;
  /** What it has granted in all, as far as that was accepted. */
  granted: number;
  /** Who keeps it, with what each was given. */
  keepers: KeeperRow[];
  /** What this device may still grant; `null` when it grants nothing. */
  left?: number | null;
  /** The newest lines, at most a hundred. */
  lines: FundLine[];
  /** How many lines there are. */
  lines_total: number;
  /** Lists that wait, or were agreed to and are not all granted; the newest first. */
  lists: GrantListRow[];
  /** Newcomers who have had no starter grant; for treasurers. */
  newcomers: Person[];
  /** Whether the building has one. */
  open: boolean;
  /** Whom a treasurer may grant something: people who live here and can take points; for treasurers. */
  payees: Person[];
  /** How much may be granted before a witness has seen it. */
  quota: number;
  /** What acts earn, in the order of the table. */
  rates: RateNote[];
  /** What neighbours and organisations have given it in all. */
  received: number;
  /** What a newcomer is given once; 0 for nothing. */
  starter: number;
  /** Whether one is a treasurer oneself. */
  treasurer: boolean;
}

/** Whose further device this one is to be. */
export interface FurtherDeviceArgs {
  /** The ticket (`KAIFONG1…`) or the short code (`ABCD-EFGH-JKMN`). */
  invitation: string;
  /** The member, whose other device links this one. Nobody else's link is taken. */
  member: MemberId;
}

/** Points to give. */
export interface GiveArgs {
  /** How many. */
  points: number;
  /** To whom. */
  to: MemberId;
}

/** Who may collect a child, or look after it. */
export interface GivePassArgs {
  /** What the child is called, 1 to 20 characters: a first name or a nickname. */
  child: string;
  /** The first day. */
  first: number;
  /** Who may: up to four. */
  holders: MemberId[];
  /** What for. */
  kind: PassKind;
  /** The last day. */
  last: number;
  /** What else is to be known, at most 200 characters. */
  note?: string;
  /** Where, at most 60 characters. */
  place?: string;
  /** On which days of the week: bit 0 is Monday, bit 6 Sunday. */
  weekdays: number;
}

/** Points for the fund. */
export interface GiveToFundArgs {
  /** How many. */
  points: number;
}

/** One good. */
export interface Good {
  /** More about it. */
  body: string;
  /** How many one member may have. */
  each?: number | null;
  /** Its id. */
  good: GoodId;
  /** How many of them this member has. */
  have: number;
  /** Of one's own, whether this device takes the orders. */
  here: boolean;
  /** How many of them are left, as far as is known here. */
  left?: number | null;
  /** Whether it is one's own. */
  mine: boolean;
  /** Whether it can be ordered. */
  open: boolean;
  /** How many pieces there are in all. */
  pieces?: number | null;
  /** What one piece costs. */
  points: number;
  /** When it was put. */
  put_at: number;
  /** Whose. Of a shop with several devices who put it. */
  shop: Person;
  /** How many were paid and not given back. */
  taken: number;
  /** What it is. */
  title: string;
  /** Until when it can be ordered. */
  until?: number | null;
  /** Why not, where it cannot. */
  why?: string | null;
  /** When its shop took it back, if so. */
  withdrawn_at?: number | null;
}

export type GoodId = string;

/** What shops and the desk give for points. */
export interface Goods {
  /** How many of one's own orders are not picked up and not over. */
  mine_open: number;
  /** Those that can be ordered, the newest first of each shop; of one's own shop all. */
  rows: Good[];
  /** Whether one's own member is a shop or the desk. */
  sells: boolean;
  /** How many orders at one's own shop wait to be picked up. */
  to_hand_out: number;
}

/** What the community fund gives points for. */
export type GrantAct = 'starter' | 'hour' | 'shift' | 'lecture' | 'donation' | 'cleaning' | 'patrol' | 'visit' | 'repair' | 'opening';

/** What the fund gives to whom. */
export interface GrantArgs {
  /** What for: `starter`, or an act of the table of rates. */
  act: GrantAct;
  /** On which day it was done, in days since 1970-01-01; today if not told. */
  day?: number | null;
  /** To whom. */
  member: MemberId;
  /** How often, from 1 to 100; once if not told. */
  times?: number | null;
}

/** A list of grants that waits for a second person. */
export interface GrantListArgs {
  /** The list. */
  list: EntryHash;
}

/** Grants that a treasurer lays before a second person. */
export interface GrantListRow {
  /** When, as the treasurer's device claims. */
  at: number;
  /** The treasurer. */
  by: Person;
  /** Whether one may agree to it oneself, and has not. */
  can_second: boolean;
  /** How many of them were granted. */
  granted: number;
  /** What is to be granted. */
  grants: ListedGrant[];
  /** The entry that lists them. */
  list: EntryHash;
  /** Whether one may take it back. */
  mine: boolean;
  /** How many points in all. */
  points: number;
  /** Who has agreed. */
  seconded: Person[];
}

/** What became of a grant. */
export interface Granted {
  /** The list that waits for a second person; `null` when it was granted at once. */
  list?: EntryHash | null;
}

/** An interest group. */
export interface Group {
  /** What it is about. */
  about: string;
  /** When it was closed, if so. */
  closed_at?: number | null;
  /** When it was founded. */
  founded_at: number;
  /** Who has founded it. */
  founder: Person;
  /** Its id. */
  id: GroupId;
  /** Whether one is in it. */
  is_in: boolean;
  /** When it meets. */
  meets: string;
  /** How many are in it, its founder among them. */
  members: number;
  /** Whether that is oneself. */
  mine: boolean;
  /** Its name. */
  name: string;
  /** Where it meets. */
  venue: string;
}

/** A group. */
export interface GroupArgs {
  /** Its founder. */
  founder: MemberId;
  /** Which. */
  group: GroupId;
}

/** One group with who is in it and what it does. */
export interface GroupDetail {
  /** Its activities to come, in the order of their beginning. */
  activities: Activity[];
  /** The group. */
  group: Group;
  /** Who is in it, the founder first. */
  members: Person[];
}

/** What was founded. */
export interface GroupFounded {
  /** Its id. */
  group: GroupId;
}

export type GroupId = string;

/** The group whose evening an activity is. */
export interface GroupNote {
  /** Its founder. */
  founder: MemberId;
  /** Which. */
  group: GroupId;
  /** Its name. */
  name: string;
}

/** What is done about a group. */
export type GroupStep = 'join' | 'leave' | 'close';

/** What is done about a group. */
export interface GroupStepArgs {
  /** Its founder. */
  founder: MemberId;
  /** Which. */
  group: GroupId;
  /** What. */
  step: GroupStep;
}

/** Interest groups. */
export interface Groups {
  /** Those that one is in first, then by name. */
  rows: Group[];
}

/** Who has signed up, for the host alone. */
export interface Guest {
  /** When they signed up. */
  at: number;
  /** When they took it back, if so. */
  cancelled_at?: number | null;
  /** What they have paid, if something. */
  paid?: Owed | null;
  /** What became of that payment. */
  paid_state?: LineState | null;
  /** Who. */
  person: Person;
  /** Where their booking stands. */
  stage: BookingStage;
}

/** What a host says of who has a place. */
export type GuestMark = 'came' | 'absent' | 'free';

/** One who had a thing that is lent, and brought it back. */
export interface Had {
  /** When it was back. */
  back_at: number;
  /** The deal. */
  deal: DealId;
  /** From when on, as the two say; `null` where only one of them has said so. */
  from?: number | null;
  /** Whether one was a party of it oneself. */
  mine: boolean;
  /** Who; of a medical device its owner alone sees the others. */
  who?: Person | null;
}

/** Which person of an organisation did something, as the device that signed it and the organisation's own words tell. */
export interface Hand {
  /** The device that signed it; `null` where the organisation never said who works at its devices. */
  device?: DeviceId | null;
  /** Their name; empty where the organisation has never named them: then it was a colleague. */
  name: string;
  /** What they do there; may be empty. */
  post: string;
}

/** What is handed out. */
export interface HandOutArgs {
  /** The order. */
  order: OrderId;
  /** The eight characters, or the text of the code that was scanned. */
  text: string;
}

/** A role and who holds it. */
export interface Held {
  /** Who. */
  person: Person;
  /** Which. */
  role: Role;
}

/** One day of recurring help. */
export interface HelpDay {
  /** Which day. */
  day: number;
  /** How it stands. */
  state: HelpDayState;
}

/** How a day of recurring help stands. */
export type HelpDayState = 'on' | 'paused' | 'told' | 'confirmed';

/** Who has helped somebody with a card. */
export interface HelpNote {
  /** The desk. */
  desk: Person;
  /** The volunteer. */
  volunteer: Person;
}

/** Days without help. */
export interface HelpPause {
  /** The first day. */
  from: number;
  /** Whether oneself has said so. */
  mine: boolean;
  /** Which pause. */
  pause: EntryHash;
  /** The last day. */
  to: number;
}

/** What one does about recurring help. */
export type HelpStep = 'accept' | 'tried' | 'tell' | 'confirm' | 'pause' | 'resume' | 'end';

/** What one does about recurring help. */
export interface HelpStepArgs {
  /** Which arrangement; where terms are agreed to, the version. */
  arrangement: EntryHash;
  /** The days that are told or confirmed. */
  days?: number[];
  /** The first day of a pause. */
  from?: number | null;
  /** Which pause is taken back. */
  pause?: EntryHash | null;
  /** What. */
  step: HelpStep;
  /** The last day of a pause, or of all. */
  to?: number | null;
}

/** Terms of recurring help. */
export interface HelpTerms {
  /** When, as the device claims. */
  at: number;
  /** The first day, in days since 1970-01-01. */
  first: number;
  /** The last day; `null` while open. */
  last?: number | null;
  /** Whether oneself has proposed them. */
  mine: boolean;
  /** What each time costs, in points. */
  points: number;
  /** On which day there is a trial visit first. */
  trial?: number | null;
  /** The entry that proposes them. */
  version: EntryHash;
  /** On which days of the week: bit 0 is Monday, bit 6 Sunday. */
  weekdays: number;
  /** What only the two know; `null` while it has not arrived at this device. */
  words?: HelpWords | null;
}

/** One day that was told and waits for being confirmed. */
export interface HelpTold {
  /** Which day. */
  day: number;
  /** What it costs, in points, by the terms by which it was told. */
  points: number;
}

/** What only the two know of recurring help. */
export interface HelpWords {
  /** From when on, in minutes since the beginning of the day. */
  from_min: number;
  /** What else is to be known. */
  note: string;
  /** Where. */
  place: string;
  /** Until when. */
  to_min: number;
  /** What is done. */
  what: string;
}

/** What has to be handed over before one goes. */
export type Hindrance = 'founder' | 'seat' | 'last-reviewer';

/** One listing that a search found. */
export interface Hit {
  /** The listing. */
  listing: Listing;
  /** How much of the query was found, 0 to 1. */
  score: number;
}

/** A role and who is to hold it. */
export interface HoldArgs {
  /** Who. */
  member: MemberId;
  /** Which. */
  role: Role;
}

/** One building of this installation, or a place that is free for one. */
export interface Home {
  /** Where the application stands. */
  application: ApplicationState;
  /** The building; `null` before one is known. */
  building?: BuildingId | null;
  /** What it is asked by. */
  home: HomeId;
  /** Its name. */
  name?: string | null;
  /** Who one is there; `null` before one is a neighbour. */
  person?: Person | null;
  /** How many ask there to join, if one reviews; 0 in an installation's only home. */
  requests: number;
  /** Why it does not open, in a sentence; `null` when it is open. */
  shut?: string | null;
  /** How many deals wait for oneself there; 0 in an installation's only home, where nobody needs to be told. */
  turns: number;
}

/** Which home is meant. */
export interface HomeArgs {
  /** The home. */
  home: HomeId;
}

export type HomeId = string;

/** The buildings of this installation. */
export interface Homes {
  /** How many there may be. */
  homes_max: number;
  /** The oldest first. */
  rows: Home[];
}

/** What a shortened id may stand for. */
export type IdKind = 'listing' | 'deal' | 'member' | 'device' | 'matter';

/** Whom the one who introduces asks. */
export interface IntroduceArgs {
  /** For which introduction. */
  introduction: IntroductionId;
  /** What to say of it, 1 to 200 characters. */
  text: string;
  /** Whom. */
  to: MemberId;
}

/** One introduction. */
export interface Introduction {
  /** Who would be introduced. */
  asker: Person;
  /** When it began, in milliseconds since 1970. */
  at: number;
  /** Who introduces. */
  introducer: Person;
  /** Which. */
  introduction: IntroductionId;
  /** Whether the one who asked has named them. */
  named: boolean;
  /** Where it stands. */
  stage: IntroductionStage;
  /** What the one who asked says to the one who introduces; to the other, what that one says. */
  text: string;
  /** Whether it is one's own turn. */
  turn: boolean;
  /** To whom, as far as one knows. */
  whom?: Person | null;
}

/** An introduction. */
export interface IntroductionArgs {
  /** Which. */
  introduction: IntroductionId;
}

export type IntroductionId = string;

/** Where an introduction stands. */
export type IntroductionStage = 'asked' | 'proposed' | 'agreed' | 'declined' | 'met' | 'failed';

/** Introductions that one asks for, is asked for, or makes. */
export interface Introductions {
  /** Who can be asked to introduce. */
  introducers: Person[];
  /** Those that are not over first, then the last first. */
  rows: Introduction[];
}

/** An invitation that waits for oneself. */
export interface Invitation {
  /** Who invites. */
  from: Person;
  /** Which. */
  id: string;
  /** To what. */
  kind: InvitedKind;
  /** Who hosts or has founded it. */
  of: MemberId;
  /** When it begins; `null` for a group. */
  starts_at?: number | null;
  /** What it is called. */
  title: string;
}

/** An invitation as it stands in one's document: its code is not in it. */
export interface Invite {
  /** How many came by it before this reviewer; `null` for who is none. */
  came?: number | null;
  /** Until when it admits requests. */
  expires_at: number;
  /** Its id. */
  id: InviteId;
  /** Whether it admits requests now. */
  open: boolean;
  /** When it was withdrawn. */
  withdrawn_at?: number | null;
}

/** An invitation to make. */
export interface InviteArgs {
  /** Addresses of this device for the ticket, `IP:port`; those it listens on if not told. */
  addresses?: string[] | null;
  /** How long it admits requests, in milliseconds, from a minute to a year. */
  valid_ms: number;
}

export type InviteId = string;

/** One of one's own invitations. */
export interface InviteIdArgs {
  /** Which. */
  invite: InviteId;
}

/** An invitation to a named neighbour. */
export interface InviteNeighbourArgs {
  /** Which. */
  id: string;
  /** To what. */
  kind: InvitedKind;
  /** Whom; when it is laid aside, who has invited. */
  member: MemberId;
  /** Who hosts the activity or has founded the group. */
  of: MemberId;
}

/** An invitation. Whoever has it can ask to join; a reviewer decides. */
export interface Invited {
  /** The addresses in the ticket. */
  addresses: string[];
  /** The building's name. */
  building: string;
  /** The short code that can be typed. */
  code: string;
  /** Until when it admits requests. */
  expires_at: number;
  /** The text of the QR. */
  ticket: string;
}

/** What a neighbour is invited to. */
export type InvitedKind = 'activity' | 'group';

/** One's own invitations. */
export interface Invites {
  /** The longest valid first. */
  rows: Invite[];
}

export type JournalId = string;

/** What one says of a matter of one's own. */
export interface JudgeArgs {
  /** Which. */
  matter: MatterId;
  /** At most 300 characters; may be empty. */
  remark?: string;
  /** Solved, or not yet. */
  solved: boolean;
}

/** Who keeps the fund. */
export interface KeeperRow {
  /** Whether they are one by the newest decision. */
  current: boolean;
  /** Whether their journal was forked: nothing is taken from it any more. */
  forked: boolean;
  /** What epochs have given them in all. */
  given: number;
  /** What they have granted and what was accepted or still can be. */
  granted: number;
  /** Whether they keep it with this device. */
  here: boolean;
  /** The treasurer. */
  person: Person;
  /** What they have taken for the fund. */
  received: number;
}

/** Where this device's key is kept. */
export type KeyKept = 'file' | 'keychain';

/** How it stands with somebody with whom one, or who with oneself, would be shown as one household. */
export interface Kin {
  /** Whether one wishes it oneself. */
  mine: boolean;
  /** Who. */
  person: Person;
  /** Whether the other does. */
  theirs: boolean;
}

/** With whom one would be shown as one household. */
export interface KinArgs {
  /** With whom. */
  member: MemberId;
  /** Would, or no longer. */
  wishes: boolean;
}

/** The kinds of sharing. */
export type Kind = 'item' | 'knowledge' | 'skill' | 'time' | 'space' | 'medical';

/** When one leaves. */
export interface LeaveArgs {
  /** From when on one is a neighbour no longer, in milliseconds since 1970: now, when it has passed; without it, what was said before is taken back. */
  ends_at?: number | null;
}

/** How it stands with one's own leaving: what is still open, what goes and what remains. */
export interface Leaving {
  /** Deals that are only answered: they are called off by themselves. */
  answered: number;
  /** One's balance; it stays as it is. */
  balance: number;
  /** How many points one can give away now. */
  can_give: number;
  /** From when on one is a neighbour no longer, as one has said. */
  ends_at?: number | null;
  /** Whether one has erased what one has said. */
  erased: boolean;
  /** What erasing takes away. */
  goes: Words;
  /** What has to be handed over first. */
  hindrance?: Hindrance | null;
  /** Whom one has named as family. */
  kin?: Person | null;
  /** Who has named oneself as family. */
  kin_of: Person[];
  /** Whether that day has come. */
  left: boolean;
  /** Listings that are not closed: they are closed by themselves. */
  listings: number;
  /** What two reviewers have marked oneself as. */
  marked?: MarkNote | null;
  /** What stays when one erases. */
  remains: Deeds;
  /** The roles one holds; they are taken with the next epoch. */
  roles: Role[];
  /** For reviewers: of whom another one has said something that waits for a second word. */
  to_confirm: Person[];
  /** Deals that are agreed and things on loan, both ways: to be ended first. */
  to_end: Deal[];
}

/** What a closed device has left. */
export interface LeftPoints {
  /** The reviewers who have said that they go on there. */
  by: Person[];
  /** Whether two have: it waits for the member's device. */
  decided: boolean;
  /** The device. */
  device: DeviceId;
  /** Its journal. */
  journal: JournalId;
  /** Whether it is for oneself, as a reviewer, to say so. */
  mine: boolean;
  /** Whose. */
  person: Person;
  /** How many points. */
  points: number;
  /** Whether another device of theirs is there to go on. */
  ready: boolean;
}

/** What neighbours' closed devices have left. */
export interface LeftRows {
  /** By journal. */
  rows: LeftPoints[];
}

/** How what a newcomer says compares with the register. */
export type Likeness = 'same' | 'similar' | 'different' | 'unsaid';

/** One transfer into or out of one's account. */
export interface Line {
  /** The activity that it pays for, if it does. */
  activity?: LineActivity | null;
  /** When it was signed, as the payer's device claims. */
  at: number;
  /** What it bought at a shop, or the order that it pays back; `null` for anything else. */
  bought?: Bought | null;
  /** Whether it corrects what was paid for that deal before. */
  corrects?: boolean;
  /** The other side; `null` while unknown here. Of an organisation who paid, or who did what is paid for. */
  counterpart?: Person | null;
  /** The deal that it pays, if it does. */
  deal?: DealId | null;
  /** In or out. */
  direction: Direction;
  /** The transfer's entry. */
  entry: EntryHash;
  /** Whether the other side is the community fund. */
  fund: boolean;
  /** The same of the side whose line it is; `null` unless it is an organisation's. */
  hand?: Hand | null;
  /** Who has helped, where the desk keeps the account. */
  help?: HelpNote | null;
  /** What it has to do with one's several devices, if anything. */
  phones?: PhonesNote | null;
  /** How many. */
  points: number;
  /** What the fund gives it for; `null` for what is no grant. */
  purpose?: PurposeNote | null;
  /** The recurring help that it pays for, if it does. */
  recurring?: EntryHash | null;
  /** The number of the slip of paper that it pays, if it does. */
  slip?: string | null;
  /** Signed, accepted, stamped. */
  state: LineState;
  /** The title of that deal's listing. */
  title?: string | null;
  /** Why it does not count, when it does not. */
  why?: string | null;
}

/** What a statement's line pays: a place at an activity, or having stayed away. */
export interface LineActivity {
  /** Which. */
  activity: ActivityId;
  /** Its host. */
  host: MemberId;
  /** For coming, or for having stayed away. */
  owed: Owed;
  /** Its title; `null` once it is erased. */
  title?: string | null;
}

/** A place in the line for a thing that is lent. */
export interface LinePlace {
  /** When about its turn comes, as the days are agreed; `null` where only the owner's yes is missing. */
  about_at?: number | null;
  /** How many stand before it. */
  ahead: number;
  /** How many wait, this one with them. */
  waiting: number;
}

/** What became of a transfer: signed, then accepted, then stamped. */
export type LineState = 'signed' | 'accepted' | 'stamped' | 'declined' | 'not-counted';

/** Another device of this member. */
export interface LinkDeviceArgs {
  /** The device. */
  device: DeviceId;
  /** Its sealing key: 64 hexadecimal digits. */
  seal: string;
}

/** A resource outside of the building. */
export interface ListResourceArgs {
  /** What it is for, 1 to 300 characters. */
  about: string;
  /** A phone number or another way to reach it, at most 60 characters. */
  contact?: string;
  /** When it is open, at most 60 characters. */
  hours?: string;
  /** How many minutes away on foot, at most 600. */
  minutes?: number | null;
  /** 1 to 30 characters. */
  name: string;
}

/** One grant of a list. */
export interface ListedGrant {
  /** To whom. */
  member: Person;
  /** How many. */
  points: number;
  /** What for. */
  purpose: PurposeNote;
}

/** An offer or a need as neighbours see it. */
export interface Listing {
  /** For whom it is; `null` for the whole building. */
  audience?: Audience | null;
  /** For whom it was entered, by who may do so. */
  behalf?: string | null;
  /** The text below it. */
  body: string;
  /** Where it stands in the tree of categories. */
  category?: string | null;
  /** Whether it is a medical device that waits for being cleaned and checked. */
  check_due: boolean;
  /** The newest check of a medical device, in its owner's words. */
  checked?: Checked | null;
  /** When its owner closed it. */
  closed_at?: number | null;
  /** The deal that holds it. */
  deal?: DealId | null;
  /** 私下: it says its name only, and nobody reviews it. */
  discreet?: boolean;
  /** The form of knowledge or of a skill, or the purpose of a space. */
  form?: Form | null;
  /** Its id. */
  id: ListingId;
  /** The kind; `null` for a need that leaves it open. */
  kind?: Kind | null;
  /** Whether it is a thing that is lent and given back. */
  loan: boolean;
  /** Colleagues of theirs who have written into it since. */
  mended_by?: Hand[];
  /** Whether it is one's own. */
  mine: boolean;
  /** How a thing changes hands. */
  mode?: Mode | null;
  /** What one has said of owning it oneself; `null` for who is not named. */
  my_share?: ShareState | null;
  /** 代发: for whom it is posted, who is not named. */
  on_behalf?: string | null;
  /** Whose it is, and who of an organisation wrote it. */
  owner: Person;
  /** 合买: who owns it beside its owner here, who keeps it and gives turns with it. */
  owners?: CoOwner[];
  /** How many neighbours can have it at a time, where its owner said so. */
  places?: number | null;
  /** How many of these places are free. */
  places_left?: number | null;
  /** What it costs or brings; `null` leaves it to the two. */
  points?: number | null;
  /** When it was posted. */
  posted_at: number;
  /** Whether its owner is known to be one who may post for others. */
  proxy_known?: boolean;
  /** When it was last found there, in its owner's words. */
  seen?: SeenNote | null;
  /** Where it lies. */
  shelf?: string | null;
  /** Offer or need. */
  side: Side;
  /** Where it stands. */
  stage: ListingStage;
  /** What kind of volunteering it is. */
  task?: Task | null;
  /** The title. */
  title: string;
  /** What is taught. */
  topic?: Topic | null;
  /** By which of the six words neighbours look for it. */
  word?: Word | null;
}

/** A listing. */
export interface ListingArgs {
  /** Which. */
  listing: ListingId;
  /** Whose; looked up if not told. */
  owner?: MemberId | null;
}

/** A listing with the deals on it that one is a party of. */
export interface ListingDetail {
  /** How many answers wait for its owner. */
  answers: number;
  /** One's own deals on it: the one that holds it first. */
  deals: Deal[];
  /** Who had a thing that is lent, who had it last first; the last twenty. */
  had?: Had[];
  /** The listing. */
  listing: Listing;
  /** Who has a thing that is lent, who has it next, and who waits, in this order. */
  turns?: Turn[];
}

export type ListingId = string;

/** Where a listing stands. */
export type ListingStage = 'open' | 'answered' | 'agreed' | 'done' | 'closed';

/** A page of listings, the newest first. */
export interface Listings {
  /** The cursor for `before`: newer ones; `null` on the first page. */
  newer?: string | null;
  /** The cursor for `after`: older ones; `null` on the last page. */
  older?: string | null;
  /** The rows. */
  rows: Listing[];
  /** How many there are on all pages. */
  total: number;
}

/** Which listings to show, the newest first. */
export interface ListingsArgs {
  /** The page of older ones after this cursor. */
  after?: string | null;
  /** The page of newer ones before this cursor. */
  before?: string | null;
  /** Only this category, or all of this class. */
  category?: string | null;
  /** Only this form. */
  form?: Form | null;
  /** Only this kind. */
  kind?: Kind | null;
  /** At most this many, 1 to 200; 50 if not told. */
  limit?: number | null;
  /** Only one's own. */
  mine?: boolean;
  /** Only this mode. */
  mode?: Mode | null;
  /** Only those that can still be answered. */
  open?: boolean;
  /** Only this member's. */
  owner?: MemberId | null;
  /** Only those of who lets it be seen that they live in this zone or block. */
  place?: number | null;
  /** Only this side. */
  side?: Side | null;
  /** Only this kind of volunteering. */
  task?: Task | null;
  /** Only those that contain this text, 繁 and 简, upper and lower case alike. */
  text?: string | null;
  /** Only this topic. */
  topic?: Topic | null;
  /** Only what this one of the six words says. */
  word?: Word | null;
}

/** What is done about a thing that is lent. */
export type LoanStep = 'hand-over' | 'return' | 'extend' | 'keep-day' | 'pass-over';

/** What is done about a loan. */
export interface LoanStepArgs {
  /** How the thing came back. */
  condition?: Condition | null;
  /** Which deal. */
  deal: DealId;
  /** When it truly happened, in milliseconds since 1970-01-01, where handing over or giving back is entered late. */
  on?: number | null;
  /** What is done. */
  step: LoanStep;
  /** The later day, to extend; agrees with the one that the other has named if not told. */
  until?: number | null;
}

/** How the screen that asks stands to the lock. */
export interface LockNote {
  /** After how many untouched minutes a screen is locked; 0: only when told to, and at each start. */
  idle_min: number;
  /** For how long this screen stays open if nobody touches it, in milliseconds; 0 when it is locked, when none is set, and when none is locked by itself. */
  left_ms: number;
  /** Whether this screen is locked. */
  locked: boolean;
  /** Whether a PIN is set. */
  set: boolean;
  /** Whether there is a recovery sheet that opens it. */
  sheet: boolean;
  /** How long the next PIN has to wait, in milliseconds. */
  wait_ms: number;
}

/** Why a deal is lost. */
export interface Lost {
  /** By which rule. */
  by: WonBy;
  /** That in words. */
  why: string;
  /** The deal that won. */
  winner: DealId;
  /** With whom. */
  with?: Person | null;
}

/** What a reviewer says of a member. */
export interface MarkArgs {
  /** The member. */
  member: MemberId;
  /** What is said of them. */
  state: MarkState;
  /** Until when they are away, in milliseconds since 1970, if that is known. */
  until?: number | null;
}

/** What a host says of who has a place. */
export interface MarkGuestArgs {
  /** Which of one's own activities. */
  activity: ActivityId;
  /** What is said. */
  mark: GuestMark;
  /** Who. */
  member: MemberId;
}

/** What reviewers say of where a member is. */
export interface MarkNote {
  /** Who has signed it. */
  by: Person[];
  /** Whether one has signed it oneself. */
  mine: boolean;
  /** What they say. */
  state: MarkState;
  /** Until when, if that is known. */
  until?: number | null;
}

/** What reviewers say of a member. */
export type MarkState = 'away' | 'deceased' | 'back';

/** One listing of the other side that fits. */
export interface Match {
  /** The listing. */
  listing: Listing;
  /** Whether it fits well enough to be told unasked. */
  notify: boolean;
  /** Why, the strongest reason first. */
  reasons: Reason[];
  /** How well it fits, 0 to 1. */
  score: number;
  /** The reasons in words: `通渠 = 疏通管道 · 同栋`. */
  why: string;
}

/** What fits a listing. */
export interface Matches {
  /** Whether the sense of every listing was read. Until then, what is alike in sense alone is missing; a change of listings tells when it is there. */
  all_read: boolean;
  /** The listing. */
  listing: Listing;
  /** What fits, best first. */
  rows: Match[];
}

/** Whose other side to look for. */
export interface MatchesArgs {
  /** At most this many, 1 to 50; 10 if not told. */
  limit?: number | null;
  /** Which listing. */
  listing: ListingId;
  /** Whose; looked up if not told. */
  owner?: MemberId | null;
}

/** Something that is before the hall. */
export interface Matter {
  /** When it was first answered by somebody who answers here. */
  answered_at?: number | null;
  /** How many answers there are. */
  answers: number;
  /** Who has put it. */
  asker: Person;
  /** When it was first taken up or answered by somebody who answers here. */
  heard_at?: number | null;
  /** Its id. */
  id: MatterId;
  /** What kind. */
  kind: MatterKind;
  /** Whether it is one's own. */
  mine: boolean;
  /** Since when it has been open: when it was put, or when its asker last said "not yet". */
  open_since: number;
  /** The zone or block that it is about. */
  place?: MatterPlace | null;
  /** When it was put. */
  put_at: number;
  /** How often its asker has said "not yet". */
  reopened: number;
  /** How many replies by neighbours there are. */
  replies: number;
  /** When its asker said that it is solved. */
  solved_at?: number | null;
  /** Where it stands. */
  stage: MatterStage;
  /** The words. */
  text: string;
  /** Whom it is put to; `null` for everybody who answers. */
  to?: PutTo | null;
  /** Whether it waits for one's own answer. */
  waits_for_me: boolean;
  /** Whether it is one's own, and one has yet to say whether the answer helps. */
  waits_for_verdict: boolean;
}

/** A matter. */
export interface MatterArgs {
  /** Who has put it; found by the id alone if not told. */
  asker?: MemberId | null;
  /** Which. */
  matter: MatterId;
}

/** One matter with all that was said of it. */
export interface MatterDetail {
  /** Whether what one says is an answer; otherwise it is a neighbour's reply. */
  can_answer: boolean;
  /** Whether one may say "not yet". */
  can_reopen: boolean;
  /** Whether one may say something. */
  can_say: boolean;
  /** Whether one may say that it is solved. */
  can_solve: boolean;
  /** Whether one may take it up. */
  can_take_up: boolean;
  /** The matter. */
  matter: Matter;
  /** What was said, in order. */
  turns: MatterTurn[];
}

export type MatterId = string;

/** What kind of thing is put to the hall. */
export type MatterKind = 'question' | 'complaint' | 'help' | 'suggestion';

/** A zone or block of the map. */
export interface MatterPlace {
  /** What it is called; `null` when the map has it no longer. */
  name?: string | null;
  /** Its number. */
  place: number;
}

/** What was said of a matter. */
export type MatterSaid = 'take-up' | 'answer' | 'reply' | 'solved' | 'not-yet';

/** Which matters to show. */
export type MatterShow = 'all' | 'mine' | 'to-me' | 'waiting' | 'solved';

/** Where a matter stands. */
export type MatterStage = 'waiting' | 'heard' | 'answered' | 'solved' | 'withdrawn';

/** One thing that was said of a matter. */
export interface MatterTurn {
  /** When, as that device claims. */
  at: number;
  /** Who. */
  by: Person;
  /** What it is. */
  said: MatterSaid;
  /** The words; may be empty. */
  text: string;
  /** As what they speak. */
  voices: Speaking[];
}

/** Matters: those without an answer first, the longest waiting before the others. */
export interface Matters {
  /** The rows. */
  rows: Matter[];
  /** How all matters of the hall stand. */
  tally: Tally;
  /** How many there are on all pages. */
  total: number;
}

/** Which matters to show. */
export interface MattersArgs {
  /** At most this many, 1 to 200; 50 if not told. */
  limit?: number | null;
  /** All, one's own, those that wait for oneself, those that nobody has answered, or those solved. */
  show?: MatterShow;
  /** How many of the first are left out. */
  skip?: number;
  /** Only those whose text has this. */
  text?: string | null;
}

/** This household on this device. */
export interface Me {
  /** The sentence about oneself. */
  about: string;
  /** Where one lives, as this device keeps it for oneself; neighbours see what `person` says. */
  block_kept: string;
  /** This device. */
  device: DeviceId;
  /** Who works at this device, if one is an organisation; with an empty name until somebody says so. */
  hand?: Hand | null;
  /** With whom one is shown as one household, or would be. */
  kin: Kin[];
  /** Who one is here; `null` before being approved. */
  person?: Person | null;
  /** The zone or block where one lives, as this device knows it. */
  place?: number | null;
  /** Whether one may post needs for somebody else. */
  posts_for_others?: boolean;
  /** Whether one may approve newcomers. */
  reviewer: boolean;
  /** The roles one holds. */
  roles: Role[];
  /** Its sealing key, which another device of this member needs to link it. */
  seal: string;
}

/** A member with everything that neighbours may see. */
export interface Member {
  /** The sentence about themselves. */
  about: string;
  /** Others whose name looks the same, at most four. */
  alike: Person[];
  /** What reviewers say that they are. */
  capacities: Standing[];
  /** The signed entry by which they did; `verify` computes it anew. */
  certificate?: EntryHash | null;
  /** How many devices they have. */
  devices: number;
  /** Person, organisation or desk. */
  kind: MemberKind;
  /** Where they are, and what of theirs is out. */
  life: MemberLife;
  /** What they offer and need now, the newest first. */
  listings: Listing[];
  /** Who. */
  person: Person;
  /** The credit record. */
  record: CreditRecord;
  /** What others said, the newest first. */
  reviews: ReviewNote[];
  /** The roles they hold. */
  roles: Role[];
  /** Since when. */
  since: number;
  /** Of an organisation: who works there, and who has. */
  staff: StaffRow[];
  /** The block that the reviewer has compared, if the member let it be seen; `null` for none, or none of the map's. */
  verified_block?: string | null;
  /** The reviewer who verified them; `null` for the founder. */
  verified_by?: Person | null;
  /** Whether they hold the vote of their household. */
  votes: boolean;
}

/** A member. */
export interface MemberArgs {
  /** Who. */
  member: MemberId;
}

export type MemberId = string;

/** What kind of member. */
export type MemberKind = 'person' | 'organisation' | 'desk' | 'property-firm' | 'shop' | 'company' | 'committee-office' | 'donor' | 'social-organisation' | 'foundation';

/** Where a member is, and what of theirs is out. */
export interface MemberLife {
  /** What waits for a second reviewer. */
  asked: MarkNote[];
  /** Whether one can mark them: one reviews, and it is not oneself. */
  can_mark: boolean;
  /** From when on they are a neighbour no longer, by their own word. */
  ends_at?: number | null;
  /** Whether they have named oneself as family. */
  kin: boolean;
  /** What two reviewers have signed. */
  marked?: MarkNote | null;
  /** What is agreed and on loan between them and others, as far as it is one's business: as the other party, or as family while they cannot see to it. */
  open: Deal[];
  /** Whom to turn to while they cannot see to it themselves. */
  turn_to: Person[];
}

/** A member in the list. */
export interface MemberRow {
  /** What enough reviewers say that they are. */
  capacities: Capacity[];
  /** Person, organisation or desk. */
  kind: MemberKind;
  /** Who. */
  person: Person;
  /** The credit record. */
  record: CreditRecord;
  /** The roles they hold. */
  roles: Role[];
  /** Since when. */
  since: number;
}

/** All members. */
export interface Members {
  /** By name. */
  rows: MemberRow[];
}

/** How a thing changes hands. */
export type Mode = 'share' | 'donate' | 'swap' | 'charity-sale';

/** How many points go to which own device. */
export interface MovePointsArgs {
  /** The device. */
  device: DeviceId;
  /** How many. */
  points: number;
}

/** What one closed journal has handed over. */
export interface MovedPoints {
  /** When, as its device claims. */
  at: number;
  /** The reviewers who said so. */
  by: Person[];
  /** The entry that took them up. */
  entry: EntryHash;
  /** The closed device. */
  from: DeviceId;
  /** How many points. */
  points: number;
  /** The device that goes on. */
  to: DeviceId;
}

/** Who is family. */
export interface NameKinArgs {
  /** The neighbour; without one, nobody. */
  member?: MemberId | null;
}

/** Who works at one of the organisation's devices. */
export interface NameStaffArgs {
  /** At which device; without it, at this one. */
  device?: DeviceId | null;
  /** Whether they work there no longer. */
  left?: boolean;
  /** The name that neighbours see, 1 to 30 characters. */
  name: string;
  /** What they do there, at most 12 characters. */
  post?: string;
}

/** Nothing needs to be told. */
export type NoArgs = Record<string, never>;

/** What is told outside the window. A lock screen may show its kind and its count, never more. */
export interface Notice {
  /** The building's name, where the installation holds more than one. */
  building?: string | null;
  /** How many new things of that kind there are. */
  count: number;
  /** What it is about. */
  kind: NoticeKind;
  /** The page that it leads to, beginning with `/`. */
  place: string;
}

/** What is told unasked, the most important first. */
export type NoticeKind = 'turn' | 'request' | 'fit' | 'activity';

/** Which kinds of notices are told; all of them if nothing was ever set. */
export interface NoticeSettings {
  /** Whether one hears of activities that were announced. */
  activity?: boolean;
  /** Whether one hears that something fits a listing of one's own. */
  fit: boolean;
  /** Whether a reviewer hears that somebody asks to join. */
  request: boolean;
  /** Whether one hears that a deal waits for oneself. */
  turn: boolean;
}

/** Which notices are told here, and when. */
export interface Notices {
  /** At most so many a day. */
  per_day_max: number;
  /** From this hour on none is told, by the place's clock. */
  quiet_from_hour: number;
  /** Until this hour of the next day. */
  quiet_until_hour: number;
  /** Which kinds. */
  settings: NoticeSettings;
  /** How many were told today, in all buildings of this installation together. */
  told_today: number;
}

/** To which re-approval one objects. */
export interface ObjectArgs {
  /** The re-approval. */
  approval: EntryHash;
}

/** One draft. */
export interface OneDraftArgs {
  /** The draft. */
  draft: EntryHash;
}

/** One opening balance. */
export interface OpeningArgs {
  /** Whose. */
  member: MemberId;
  /** How many points the ledger says. */
  points: number;
}

/** What a name has. */
export interface OpeningLine {
  /** The line's number in the file. */
  line: number;
  /** The name, as it stands there. */
  name: string;
  /** How many points. */
  points: number;
  /** The neighbour who is called so, if just one is and nothing was granted to them for this yet; a person says whether it is they. */
  suggested?: Person | null;
}

/** A line that cannot be used. */
export interface OpeningProblem {
  /** Its number in the file. */
  line: number;
  /** Why. */
  wrong: OpeningWrong;
}

/** One opening. The one who opened it has signed it. */
export interface OpeningRow {
  /** When, in milliseconds since 1970, as their device claims. */
  at: number;
  /** Who. */
  by: Person;
}

/** Why a line of a ledger of points is left out. */
export type OpeningWrong = 'no-name' | 'not-whole' | 'no-value' | 'unprintable' | 'too-many';

/** Who has opened what one has told the reviewers. */
export interface Openings {
  /** As a reviewer: whose application this device keeps. */
  keeps: MemberId[];
  /** The last first. */
  rows: OpeningRow[];
}

/** Opening balances from a ledger on paper. */
export interface OpeningsArgs {
  /** Each member once. */
  lines: OpeningArgs[];
}

/** A file with a ledger of points: XLSX or CSV, with headings for names and points. */
export interface OpeningsFileArgs {
  /** What is in it, in base 64; at most 8 MiB before that. */
  bytes: string;
  /** The file's name, at most 200 characters. */
  file: string;
}

/** What a file with a ledger of points says; nothing of it is kept. */
export interface OpeningsReading {
  /** The lines that can be used. */
  lines: OpeningLine[];
  /** The first lines that cannot. */
  problems: OpeningProblem[];
  /** How many cannot. */
  problems_total: number;
}

/** What a reviewer says of a capacity. */
export type Opinion = 'for' | 'against' | 'silent';

/** One order. */
export interface Order {
  /** When it was ordered, as the buyer's device claims. */
  at: number;
  /** Who ordered. */
  buyer: Person;
  /** When it was called off, as the device of who did claims. */
  called_off_at?: number | null;
  /** The entry that holds it. */
  entry: EntryHash;
  /** Which good. */
  good: GoodId;
  /** Whether one can call it off. */
  may_call_off: boolean;
  /** Whether this device can hand it out. */
  may_hand_out: boolean;
  /** Whether the shop has called it off. */
  off_by_shop: boolean;
  /** Its id. */
  order: OrderId;
  /** When it was handed out, as the shop's device claims. */
  picked_up_at?: number | null;
  /** How many pieces. */
  pieces: number;
  /** What they cost in all. */
  points: number;
  /** Whose good; once it was handed out or called off by them, who of the shop did. */
  shop: Person;
  /** Where it stands. */
  stage: OrderStage;
  /** What the good is; `null` while its words are unknown here. */
  title?: string | null;
}

/** An order. */
export interface OrderArgs {
  /** Which. */
  order: OrderId;
}

/** One order of one's own, or one at one's own shop. */
export interface OrderDetail {
  /** The eight characters; `null` on other devices than the one that ordered, and once it is over. */
  code?: string | null;
  /** Whether it is one's own. */
  mine: boolean;
  /** The order. */
  order: Order;
  /** The text of the code that the shop scans, with all that it may not have heard. */
  text?: string | null;
}

/** What to order. */
export interface OrderGoodArgs {
  /** Which. */
  good: GoodId;
  /** How many pieces; one if not told. */
  pieces?: number | null;
  /** Whose. */
  shop: MemberId;
}

export type OrderId = string;

/** Where an order stands. */
export type OrderStage = 'ordered' | 'paid' | 'picked-up' | 'declined' | 'called-off' | 'paid-back';

/** An order that is signed and paid. */
export interface Ordered {
  /** Its id. */
  order: OrderId;
}

/** Orders. */
export interface Orders {
  /** Those to be picked up first, then the newest first. */
  rows: Order[];
}

/** Which orders. */
export interface OrdersArgs {
  /** Those that others have made at one's own shop, instead of one's own. */
  at_us?: boolean;
}

/** What a payment for an activity is for. */
export type Owed = 'cost' | 'charge';

/** One of them. */
export interface OwnDevice {
  /** Its id. */
  device: DeviceId;
  /** Whether it is in reach now. */
  in_reach: boolean;
  /** When the last reconcile with it ended, while it is in reach. */
  last_sync?: number | null;
  /** When it last signed something, as it claims. */
  last_written?: number | null;
  /** Of an organisation: who works at it. `null` of a resident's, and of one that was closed and never named. */
  staff?: StaffRow | null;
  /** Where it stands. */
  state: DeviceState;
  /** Whether it is this one. */
  this: boolean;
  /** How many things it has signed that do not count, because it was closed before. */
  void: number;
}

/** A good of one's own. */
export interface OwnGoodArgs {
  /** Which. */
  good: GoodId;
}

/** A matter of one's own. */
export interface OwnMatterArgs {
  /** Which. */
  matter: MatterId;
}

/** What one's devices can spend, each for itself. */
export interface OwnPoints {
  /** What closed ones have left and nobody can spend yet. */
  left: LeftPoints[];
  /** What was handed over. */
  moved: MovedPoints[];
  /** This device first. */
  rows: DevicePoints[];
  /** All of them together. */
  total: number;
}

/** What one says of owning a thing together with its keeper. */
export interface OwningArgs {
  /** Which listing. */
  listing: ListingId;
  /** In whose document it stands; looked up if not told. */
  owner?: MemberId | null;
  /** What. */
  step: OwningStep;
}

/** What one says of owning a thing together with its keeper. */
export type OwningStep = 'own' | 'disown';

/** One signed entry that was verified. */
export interface Paper {
  /** When, as that device claims. */
  at: number;
  /** Who signed it. */
  by?: Person | null;
  /** The entry that it rests on or answers. */
  cites?: EntryHash | null;
  /** The device that signed it. */
  device: DeviceId;
  /** Its hash. */
  entry: EntryHash;
  /** What is wrong with it; `null` when it is as it was signed. */
  flaw?: Flaw | null;
  /** The journal that it stands in. */
  journal: JournalId;
  /** How many points it pays, or says are right for a deal, if it does. */
  points?: number | null;
  /** The entry before it in its journal; all zero for the first. */
  prev: EntryHash;
  /** What it says. */
  says: Says;
  /** Its place there, from 0. */
  seq: number;
  /** What it says of somebody's capacity, if it does. */
  vouches?: Vouched | null;
}

/** An authorisation of one's own. */
export interface PassArgs {
  /** Which. */
  pass: PassId;
}

/** What a code on a card is good for. */
export interface PassChecked {
  /** The authorisation; `null` where one has given none with this code. */
  pass?: PassNote | null;
  /** Whether it is good on that day. */
  state: PassState;
}

/** An authorisation was given. */
export interface PassGiven {
  /** Which. */
  pass: PassId;
}

export type PassId = string;

/** What an authorisation is for. */
export type PassKind = 'collect' | 'care';

/** An authorisation as its guardian and those who are named see it. */
export interface PassNote {
  /** What the child is called. */
  child: string;
  /** The code that stands on the card; none of a revoked one. */
  code?: string | null;
  /** The first day. */
  first: number;
  /** Who has given it. */
  guardian: Person;
  /** Who may. */
  holders: Person[];
  /** What for. */
  kind: PassKind;
  /** The last day. */
  last: number;
  /** Whether oneself has given it. */
  mine: boolean;
  /** What else is to be known. */
  note: string;
  /** Which. */
  pass: PassId;
  /** Where. */
  place: string;
  /** Whether it was revoked. */
  revoked: boolean;
  /** What was ticked, the newest day first. */
  ticked: TickNote[];
  /** On which days of the week. */
  weekdays: number;
}

/** Whether an authorisation is good on a day. */
export type PassState = 'good' | 'revoked' | 'to-come' | 'past' | 'other-day' | 'unknown';

/** Authorisations that one has given or is named in. */
export interface Passes {
  /** The newest first by their first day. */
  rows: PassNote[];
}

/** By which road a neighbour is reached. */
export type Path = 'lan' | 'relay' | 'direct';

/** Points for the device in front of this one. */
export interface PayFaceArgs {
  /** How many. */
  points: number;
  /** The journal that its code names. */
  to: JournalId;
}

/** Who is paid for coming to an activity. */
export type Payee = 'host' | 'fund';

/** A neighbour in reach. */
export interface Peer {
  /** Its device. */
  device: DeviceId;
  /** When the last reconcile with it ended. */
  last_sync?: number | null;
  /** How it is reached. */
  path: Path;
  /** Whose it is, if known here. */
  person?: Person | null;
  /** How much of what it sent was refused on this connection. */
  refused: number;
}

/** Neighbours in reach. */
export interface Peers {
  /** By device. */
  rows: Peer[];
}

/** Somebody, as neighbours see them. */
export interface Person {
  /** Where they live, as they allow it to be seen. */
  block: string;
  /** Which person of an organisation it was, where something was done; never there of a resident. */
  hand?: Hand | null;
  /** Who. */
  member: MemberId;
  /** Their name; empty while their document has not arrived here. */
  name: string;
  /** The zone or block of the map, if they live in one and let it be seen. */
  place?: number | null;
  /** Whether they are here, away, gone. */
  stay?: Stay;
}

/** How it stands with the exchange of phone numbers in a deal, as one of the two sees it. Nobody else holds any of it. */
export interface Phone {
  /** Whether one can offer now: the deal is agreed and not over. */
  can_offer: boolean;
  /** The number that one offers oneself. */
  mine?: string | null;
  /** Whether the other would exchange numbers. */
  offered: boolean;
  /** The other's number, once both would. */
  theirs?: string | null;
  /** Whether the other has. */
  they_withdrew: boolean;
  /** Whether one has taken one's offer back. */
  withdrawn: boolean;
}

/** An offer to exchange phone numbers. */
export interface PhoneArgs {
  /** The agreed deal. */
  deal: DealId;
  /** One's own number, at most 30 characters; it is sent once both have offered. */
  number: string;
}

/** What a transfer has to do with its payer's several devices. */
export type PhonesNote = 'own' | 'borne';

/** Where a newcomer lives. */
export interface PickPlaceArgs {
  /** The block's number; `null` when none of the map's is theirs, and what they wrote before stands. */
  block?: number | null;
  /** By which right they live there; only reviewers read it. */
  claim?: Claim;
  /** The floor, at most 8 characters; only reviewers read it. */
  floor?: string;
  /** Whether neighbours may see the block. It stands in the certificate then, and cannot be taken back. */
  shows_block?: boolean;
  /** The unit, house or shop number, 1 to 16 characters; only reviewers read it. */
  unit?: string;
}

/** What a buyer shows. */
export interface PickUpArgs {
  /** The eight characters, or the text of the code that was scanned. */
  text: string;
}

/** What somebody shows at a shop. */
export interface PickUpRead {
  /** The text of the code that the buyer's device is to see first, where something is missing here. */
  lacking?: string | null;
  /** The order that it opens. */
  order?: Order | null;
  /** Who shows it, where something is missing here. */
  person?: Person | null;
}

/** A PIN. */
export interface PinArgs {
  /** Its digits. */
  pin: string;
}

/** When somebody comes to one's home. */
export interface PlanVisitArgs {
  /** For which deal. */
  deal: DealId;
  /** From when on, in milliseconds since 1970. */
  from: number;
  /** Until when, at the latest. */
  until: number;
  /** Who of the family looks on. */
  watcher?: MemberId | null;
}

/** A promise to a drive. */
export interface PledgeArgs {
  /** How many; 0 takes it back. */
  count: number;
  /** Which. */
  drive: DriveId;
  /** What else there is to say, at most 60 characters. */
  note?: string;
  /** Whose. */
  owner: MemberId;
}

/** For whom a seat of the council stands. */
export type Post = 'lead' | 'party' | 'residents' | 'professionals' | 'property' | 'merchants';

/** An offer or a need to post. */
export interface PostArgs {
  /** The zone or block whose neighbours it is for; the whole building if not told. */
  audience?: number | null;
  /** For whom it is entered, 1 to 30 characters; for organisers and volunteers. */
  behalf?: string | null;
  /** At most 2,000 characters. */
  body?: string;
  /** Where it stands in the tree of categories: `books`, or `added:` and an id. */
  category?: string | null;
  /** Whether it is private: it says its name only, and nobody reviews it. */
  discreet?: boolean;
  /** The form of knowledge or of a skill, or the purpose of a space. */
  form?: Form | null;
  /** The kind; a need may leave it open. */
  kind?: Kind | null;
  /** How a thing changes hands; an offered thing needs it. */
  mode?: Mode | null;
  /** For whom it is posted, without a name, where it is somebody else's need. */
  on_behalf?: string | null;
  /** 合买: who owns it, too, at most eleven; of things that are lent. They are its owners once they say so themselves. */
  owners?: MemberId[];
  /** How many neighbours can have it at a time, 1 to 100; of skills, knowledge and time that are offered. */
  places?: number | null;
  /** What it costs or brings; left to the two if not told. */
  points?: number | null;
  /** Where it lies, 1 to 30 characters; of things. */
  shelf?: string | null;
  /** Offer or need. */
  side: Side;
  /** What kind of volunteering time goes into. */
  task?: Task | null;
  /** 1 to 60 characters. */
  title: string;
  /** What is taught; for knowledge. */
  topic?: Topic | null;
}

/** A listing's id. */
export interface Posted {
  /** The id. */
  listing: ListingId;
}

/** What neighbours see of this member from now on. */
export interface ProfileArgs {
  /** At most 200 characters. */
  about?: string;
  /** At most 30 characters. */
  block?: string;
  /** 1 to 30 characters. */
  name: string;
  /** The zone or block of the map where one lives; its name stands for the block then. */
  place?: number | null;
  /** Whether neighbours see the block; if not, only this device keeps it. They do if not told. */
  show_block?: boolean;
}

/** Recurring help to propose, or other terms for it. */
export interface ProposeHelpArgs {
  /** For which arrangement other terms are proposed. */
  arrangement?: EntryHash | null;
  /** The deal that it comes of, if any. */
  deal?: DealId | null;
  /** The first day, in days since 1970-01-01 as people at the place count. */
  first: number;
  /** From when on, in minutes since the beginning of the day. */
  from_min: number;
  /** Whether oneself is the one who helps. */
  helps?: boolean;
  /** The last day; open if not told. */
  last?: number | null;
  /** What else is to be known, at most 500 characters; only the two read it. */
  note?: string;
  /** Where, at most 60 characters; only the two read it. */
  place?: string;
  /** What each time costs, in points; nothing if not told. */
  points?: number;
  /** Until when. */
  to_min: number;
  /** On which day there is a trial visit first; none if not told. */
  trial?: number | null;
  /** On which days of the week: bit 0 is Monday, bit 6 Sunday. */
  weekdays: number;
  /** What is done, 1 to 60 characters; only the two read it. */
  what: string;
  /** To whom; not told where other terms are proposed. */
  with?: MemberId | null;
}

/** What was proposed. */
export interface Proposed {
  /** The entry that proposes it. */
  version: EntryHash;
}

/** What a grant is for. */
export interface PurposeNote {
  /** What. */
  act: GrantAct;
  /** On which day, in days since 1970-01-01; `null` where it is of no day. */
  day?: number | null;
  /** How often. */
  times: number;
}

/** A good that stands. */
export interface PutGood {
  /** Its id. */
  good: GoodId;
}

/** A good to offer, or an own one to say anew. */
export interface PutGoodArgs {
  /** At most 500 characters. */
  body?: string;
  /** How many one member may have; any number without it. */
  each?: number | null;
  /** Which, to say anew how many there are and until when; its words and its price stay. A new one without it. */
  good?: GoodId | null;
  /** How many pieces there are in all, from 1 to 9,999; no limit without it. */
  pieces?: number | null;
  /** What one piece costs, from 1. */
  points?: number;
  /** 1 to 60 characters. */
  title?: string;
  /** Until when it can be ordered, in milliseconds since 1970-01-01. */
  until?: number | null;
}

/** A matter's id. */
export interface PutMatter {
  /** The id. */
  matter: MatterId;
}

/** Something to put to the hall. */
export interface PutMatterArgs {
  /** What kind. */
  kind: MatterKind;
  /** The member, where `to` is `member`. */
  member?: MemberId | null;
  /** The zone or block that it is about. */
  place?: number | null;
  /** 1 to 1,000 characters. */
  text: string;
  /** Whom it is put to; everybody who answers if not told. */
  to?: Addressee | null;
}

/** Whom a matter is put to. */
export interface PutTo {
  /** The member, where it is put to one. */
  person?: Person | null;
  /** What they are. */
  to: Addressee;
}

/** A reviewer's question to a newcomer. */
export interface Question {
  /** The answer, once there is one. */
  answer?: string | null;
  /** When that came here. */
  answered_at?: number | null;
  /** When it came here. */
  at: number;
  /** Who asked, if known here. */
  by?: Person | null;
  /** Which. */
  id: QuestionId;
  /** What was asked. */
  text: string;
}

export type QuestionId = string;

/** What an act earns. */
export interface RateNote {
  /** Which. */
  act: GrantAct;
  /** How many points; 0 for nothing. */
  points: number;
}

/** Whom a reviewer lets go on with a new device. */
export interface ReapproveArgs {
  /** The device of a request that waits; without it, the member's devices are closed and none comes in their place. */
  device?: DeviceId | null;
  /** The member. */
  member: MemberId;
}

/** Why two listings fit. */
export type Reason = {
  reason: 'same-words';
  /** As the listing that was asked about says them. */
  words: string[];
} | {
  /** The thing's key in the lexicon. */
  concept: string;
  /** What the need says. */
  need_word: string;
  /** What the offer says. */
  offer_word: string;
  reason: 'same-thing';
} | {
  /** The kind. */
  kind: Kind;
  reason: 'same-kind';
} | {
  reason: 'same-block';
} | {
  reason: 'same-zone';
} | {
  reason: 'same-time';
  /** As it is commonly written. */
  time: string;
} | {
  reason: 'like-sense';
};

/** What has come from a donor. */
export interface ReceiveArgs {
  /** How many, in all. */
  count: number;
  /** From whom. */
  donor: MemberId;
  /** To which drive of one's own. */
  drive: DriveId;
}

/** A new installation comes back with a recovery sheet. */
export interface RecoverArgs {
  /** The fifty digits on the sheet. */
  digits: string;
  /** A neighbour's ticket (`KAIFONG1…`) or short code (`ABCD-EFGH-JKMN`): the way into the building. */
  invitation: string;
}

/** Where recurring help stands. */
export type RecurringStage = 'proposed' | 'trial' | 'running' | 'ending' | 'declined';

/** A building to be founded in the place of another one on this device. */
export interface RefoundArgs {
  /** The home of the old building. */
  home: HomeId;
  /** The new building's name, 1 to 40 characters. */
  name: string;
}

/** One of them. */
export interface Refounding {
  /** When, in milliseconds since 1970, as the founder's device claims. */
  at: number;
  /** The new building. */
  building: BuildingId;
  /** Who has founded it. */
  by: Person;
  /** Whether one follows oneself. */
  followed: boolean;
  /** Who follows. */
  followers: Person[];
  /** Whether one has founded it oneself. */
  mine: boolean;
  /** Its name. */
  name: string;
  /** Its id: the entry that tells of it. */
  refounding: EntryHash;
}

/** A building that was founded anew, as a home on this device knows of it. */
export interface RefoundingArgs {
  /** The home of the old building. */
  home: HomeId;
  /** Which. */
  refounding: EntryHash;
}

/** The buildings that this one was founded anew as. */
export interface Refoundings {
  /** Of each founder the last, who has most followers first. */
  rows: Refounding[];
}

/** A newcomer's device, and why not. */
export interface RefuseArgs {
  /** The device. */
  device: DeviceId;
  /** The reason, which the newcomer reads, at most 200 characters. */
  reason: string;
}

/** An invitation whose requests are all refused. */
export interface RefuseInviteArgs {
  /** Which. */
  invite: InviteId;
  /** The reason, which each newcomer reads, at most 200 characters. */
  reason: string;
}

/** Who or what refused an application. */
export type RefusedBy = 'reviewer' | 'expired' | 'withdrawn' | 'unknown';

/** Which column of a register is which, by its number from 0 on. */
export interface RegisterColumns {
  /** The block, if it has a column of its own. */
  block?: number | null;
  /** The entrance (单元), if it has a column of its own. */
  entrance?: number | null;
  /** The name. */
  name?: number | null;
  /** The phone number. */
  phone?: number | null;
  /** The unit. */
  unit: number;
}

/** A register of units in a file. */
export interface RegisterFileArgs {
  /** What is in it, in base 64: XLSX or CSV, at most 8 MiB before that. */
  bytes: string;
  /** Which column is which; as the headings say if not told. */
  columns?: RegisterColumns | null;
  /** The file's name, at most 200 characters. */
  file: string;
}

/** A register that is kept. */
export interface RegisterKept {
  /** When it was read in. */
  at: number;
  /** The file's name. */
  file: string;
  /** How many lines it has. */
  lines: number;
  /** How many units they name. */
  units: number;
}

/** The register of units on this device. No other device has it. */
export interface RegisterNote {
  /** What is kept; `null` without one. */
  kept?: RegisterKept | null;
}

/** A line of a register that cannot be used, and is left out. */
export interface RegisterProblem {
  /** Its number in the file, from 1 on. */
  line: number;
  /** Why. */
  wrong: RegisterWrong;
}

/** What reading a register gave; nothing of it is kept yet. */
export interface RegisterReading {
  /** Which column is which; `null` when the headings do not say it and nobody has. */
  columns?: RegisterColumns | null;
  /** How many took their block or unit from the line above, as under merged cells. */
  filled: number;
  /** The headings; empty texts where there are none. */
  headings: string[];
  /** How many lines can be used. */
  lines: number;
  /** The first lines that cannot be used, at most 200. */
  problems: RegisterProblem[];
  /** How many cannot. */
  problems_total: number;
  /** The first rows below them. */
  sample: string[][];
  /** How many units they name. */
  units: number;
}

/** What the register says of a request. The decision is the reviewer's. */
export interface RegisterSays {
  /** How the real name compares with those of the unit. */
  name: Likeness;
  /** The names that it has for the unit, at most four. */
  names: string[];
  /** How the phone number does. */
  phone: Likeness;
  /** Whether it has the unit. */
  unit: UnitFound;
}

/** Why a line of a register cannot be used. */
export type RegisterWrong = 'no-unit' | 'formula' | 'date' | 'error' | 'too-long' | 'unprintable' | 'repeated';

/** Takes the PIN off. */
export interface RemoveLockArgs {
  /** The PIN that is set; programs need not tell it. */
  pin?: string | null;
}

/** What somebody answers to a review. */
export interface Reply {
  /** When it was written. */
  at: number;
  /** Who of an organisation wrote it, and colleagues who have written into it since; nobody of a resident's. */
  hands?: Hand[];
  /** The words. */
  text: string;
}

/** A reply to what the other party said. */
export interface ReplyArgs {
  /** The finished deal. */
  deal: DealId;
  /** At most 300 characters; an empty one takes the reply back. */
  text?: string;
}

/** Yes or no to an introduction. */
export interface ReplyIntroductionArgs {
  /** Which. */
  introduction: IntroductionId;
  /** Yes or no. */
  yes: boolean;
}

/** What of a conversation the mediators are to see. */
export interface ReportArgs {
  /** Of which deal. */
  deal?: DealId | null;
  /** Of which introduction. */
  introduction?: IntroductionId | null;
  /** Which messages of the other, 1 to 10. */
  messages: EntryHash[];
  /** A sentence, 1 to 200 characters. */
  text: string;
}

/** A newcomer's request. Only reviewers ever see it. */
export interface Request {
  /** Neighbours whose name looks the same, at most four. */
  alike: Person[];
  /** When it was written, as the newcomer's device claims. */
  at: number;
  /** The newcomer's device. */
  device: DeviceId;
  /** The household. */
  household: string;
  /** By which invitation they came, if it is known here. */
  invite?: InviteId | null;
  /** Person, organisation or desk. */
  kind: MemberKind;
  /** The name that neighbours will see. */
  name: string;
  /** The phone number. */
  phone: string;
  /** Where it is by the map; `null` when they have picked no place of it. */
  place?: RequestPlace | null;
  /** What reviewers have asked, the first first. */
  questions: Question[];
  /** The real name. */
  real_name: string;
  /** What the register of units on this device says; `null` without one. */
  register?: RegisterSays | null;
  /** Neighbours of whom this device knows that they live in the same unit, those who hold its vote first. */
  unit_members: UnitMember[];
}

/** Where an application says that its household lives. */
export interface RequestPlace {
  /** The block; `null` when the map does not have it any more. */
  block?: string | null;
  /** By which right they live there, as they say. */
  claim: Claim;
  /** The floor. */
  floor: string;
  /** What kind of block. */
  kind?: BlockKind | null;
  /** Whether neighbours may see the block. */
  shows_block: boolean;
  /** The unit. */
  unit: string;
}

/** Requests that wait for this reviewer. */
export interface Requests {
  /** By which invitations they came, the most waiting first. */
  by_invite: CameBy[];
  /** The oldest first. */
  rows: Request[];
}

/** A shortened id. */
export interface ResolveArgs {
  /** Its first digits, at least four. */
  prefix: string;
  /** What it stands for. */
  what: IdKind;
}

/** The id that a shortened one stands for. */
export interface Resolved {
  /** All its digits. */
  id: string;
}

/** A resource outside of the building. */
export interface Resource {
  /** What it is for. */
  about: string;
  /** Who has entered it and vouches for it. */
  by: Person;
  /** How it is reached. */
  contact: string;
  /** When it is open. */
  hours: string;
  /** Its id. */
  id: ResourceId;
  /** Whether that is oneself. */
  mine: boolean;
  /** How many minutes away on foot. */
  minutes?: number | null;
  /** Its name. */
  name: string;
  /** When it was entered. */
  put_at: number;
}

/** A resource of one's own. */
export interface ResourceArgs {
  /** Which. */
  resource: ResourceId;
}

export type ResourceId = string;

/** Resources outside of the building. */
export interface Resources {
  /** Whether one may list some. */
  can_list: boolean;
  /** The nearest first. */
  rows: Resource[];
}

/** What is said to a neighbour's matter. */
export interface RespondArgs {
  /** Who has put it; found by the id alone if not told. */
  asker?: MemberId | null;
  /** Which. */
  matter: MatterId;
  /** At most 1,000 characters; a take-up may say nothing. */
  text?: string;
}

/** Somebody comes back with a new device, if reviewers say so. */
export interface Return {
  /** The re-approval: what an objection names. */
  approval: EntryHash;
  /** The reviewers who are for it. */
  by: Person[];
  /** How many devices it closes. */
  closes: number;
  /** Whether it is decided. */
  decided: boolean;
  /** The new device; none where lost ones are only closed. */
  device?: DeviceId | null;
  /** Whether one has said yes oneself. */
  mine: boolean;
  /** How many are needed. */
  needed: number;
  /** Whether one of the member's own devices objects. */
  objected: boolean;
  /** Who comes back. */
  person: Person;
}

/** Members who come back. */
export interface Returns {
  /** Those that are not decided, the newest last. */
  rows: Return[];
}

/** A review. */
export interface ReviewArgs {
  /** The finished deal. */
  deal: DealId;
  /** 1 to 5. */
  stars: number;
  /** At most 500 characters. */
  text?: string;
}

/** What one party of a finished deal says of it. */
export interface ReviewNote {
  /** About whom. */
  about: Person;
  /** When it was written. */
  at: number;
  /** Who wrote it. */
  by: Person;
  /** The deal. */
  deal: DealId;
  /** Colleagues of an organisation's writer who have written into it since. */
  mended_by?: Hand[];
  /** What the one it is about answers. */
  reply?: Reply | null;
  /** 1 to 5. */
  stars: number;
  /** The words; may be empty. */
  text: string;
}

/** Reviews. */
export interface Reviews {
  /** The newest first. */
  rows: ReviewNote[];
}

/** What a member may do for the building. */
export type Role = 'reviewer' | 'organiser' | 'volunteer' | 'mediator' | 'treasurer' | 'answerer';

/** A role to give or to take. */
export interface RoleArgs {
  /** Given or taken. */
  held: boolean;
  /** Whose. */
  member: MemberId;
  /** Which. */
  role: Role;
}

/** The write is durable. */
export interface Saved {
  /** Always `true`: what was not saved is an error. */
  saved: boolean;
}

/** Something to say in a conversation. */
export interface SayArgs {
  /** Of which deal. */
  deal?: DealId | null;
  /** Of which introduction. */
  introduction?: IntroductionId | null;
  /** A JPEG of at most 5,120 bytes, in base64. */
  picture?: string | null;
  /** 1 to 500 characters; with a picture it may be empty. */
  text: string;
}

/** What one signed entry says. */
export type Says = 'answer' | 'agree' | 'call-off' | 'hand-over' | 'return' | 'done' | 'transfer' | 'accept' | 'decline' | 'stamp' | 'certify' | 'open' | 'link' | 'epoch' | 'vote' | 'decide' | 'reclaim' | 'cite' | 'stand' | 'cut' | 'sheet' | 'back' | 'object' | 'vouch' | 'grant' | 'grant-list' | 'second' | 'unlist' | 'say' | 'rule' | 'book' | 'cancel-booking' | 'give-place' | 'free-place' | 'attend' | 'contest' | 'recurring' | 'slip' | 'disown' | 'assist' | 'keep' | 'order' | 'pick-up' | 'extend' | 'keep-day' | 'succeed' | 'inherit' | 'other';

/** What to look for. */
export interface SearchArgs {
  /** At most this many, 1 to 200; 20 if not told. */
  limit?: number | null;
  /** Only this side. */
  side?: Side | null;
  /** Words as people type them. */
  text: string;
}

/** A seat to give. */
export interface SeatArgs {
  /** To whom. */
  member: MemberId;
  /** For whom they stand. */
  post: Post;
}

/** One seat. */
export interface SeatRow {
  /** Whether this device speaks for it. */
  mine: boolean;
  /** Who sits there. */
  person: Person;
  /** For whom they stand. */
  post: Post;
  /** Whether it votes; not when it has signed two ways. */
  votes: boolean;
}

/** That a thing was found. */
export interface SeenNote {
  /** When, as its keeper's device claims. */
  at: number;
  /** Who looked. */
  by: string;
}

/** How screens are to be locked. */
export interface SetLockArgs {
  /** After how many untouched minutes a screen is locked, 1 to 240; 0: only when told to, and at each start. */
  idle_min: number;
  /** The new one, 4 to 12 digits; without it, the PIN stays. */
  new_pin?: string | null;
  /** The PIN that is set, if there is one; programs need not tell it. */
  pin?: string | null;
}

/** How somebody who is named as an owner stands to a thing. */
export type ShareState = 'owns' | 'asked' | 'not';

/** What stands on paper; it is shown once, and kept by nobody. */
export interface Sheet {
  /** Fifty digits in groups of five. */
  digits: string;
}

/** A recovery sheet. */
export interface SheetArgs {
  /** The fifty digits on it. */
  digits: string;
}

/** A recovery sheet, without its digits. */
export interface SheetNote {
  /** When it was declared, as the device claims. */
  at: number;
  /** Its number. */
  number: number;
}

/** What is printed, once: the digits are kept nowhere else. */
export interface SheetPaper {
  /** When it was made. */
  at: number;
  /** The building's name. */
  building: string;
  /** Ten groups of five digits. */
  digits: string;
  /** The building's id. */
  id: BuildingId;
  /** The sheet's number; it replaces all with a smaller one. */
  number: number;
  /** Whose sheet it is. */
  person: Person;
}

/** One's own things that are offered, in order of where they lie, then of title; no more than 500. */
export interface Shelf {
  /** How many were found then. */
  found: number;
  /** When things were last looked for. */
  last?: SeenNote | null;
  /** The things. */
  rows: ShelfRow[];
}

/** One of them. */
export interface ShelfRow {
  /** Its short code: the first eight digits of its id. */
  code: string;
  /** When it is to be back. */
  due_at?: number | null;
  /** The thing. */
  listing: Listing;
  /** Who has it on loan. */
  out?: Person | null;
}

/** One message that a report shows. */
export interface ShownRow {
  /** When, in milliseconds since 1970, as the writer's device claims. */
  at: number;
  /** The JPEG that goes with it, in base64. */
  picture?: string | null;
  /** What was said; may be empty beside a picture. */
  text: string;
}

/** Which side of sharing a listing is on. */
export type Side = 'offer' | 'need';

/** A slip that was entered. */
export interface SlipArgs {
  /** The entry that holds it. */
  slip: EntryHash;
}

/** What was entered of a slip. */
export interface SlipRow {
  /** When it was entered last, as the device claims. */
  at: number;
  /** Whether the same number was entered with other people, points or another day, too. */
  conflict: boolean;
  /** On which day it was signed, in days since 1970-01-01. */
  day: number;
  /** Who has entered it, the first first. */
  entered_by: Person[];
  /** Whether one has entered it oneself for another payer, and can take it back. */
  mine_to_take_back?: boolean;
  /** The fifteen digits. */
  number: string;
  /** Who is thanked. */
  payee: Person;
  /** Who thanks. */
  payer: Person;
  /** With how many points. */
  points: number;
  /** The newest entry that holds it. */
  slip: EntryHash;
  /** Where it stands. */
  state: SlipState;
}

/** Where a slip of paper stands. */
export type SlipState = 'waiting' | 'paying' | 'paid' | 'disowned' | 'taken-back' | 'replaced';

/** Slips that were entered. */
export interface Slips {
  /** Whether one may enter slips oneself. */
  may_enter: boolean;
  /** The others: one's own, and for who may enter slips all; the newest first, at most a hundred. */
  rows: SlipRow[];
  /** How many others there are. */
  rows_total: number;
  /** Slips of one's own that ask for an answer, the newest first, at most a hundred. */
  waiting: SlipRow[];
}

/** Where a booking of a space stands. */
export type SlotStage = 'asked' | 'agreed' | 'lost' | 'declined' | 'cancelled';

/** A space. */
export interface SpaceArgs {
  /** Which listing. */
  listing: ListingId;
  /** Whose; looked up if not told. */
  owner?: MemberId | null;
  /** From when on its bookings are told, in milliseconds since 1970; from now on if not told. */
  since?: number | null;
}

/** A booking of a space. */
export interface SpaceBooking {
  /** When it was asked. */
  at: number;
  /** Who asks; `null` for those whom it is no business of. */
  by?: Person | null;
  /** Whether it can be taken back. */
  can_cancel: boolean;
  /** Whether one can say no to it. */
  can_decline: boolean;
  /** Whether one can agree to it. */
  can_grant: boolean;
  /** Until when. */
  ends_at: number;
  /** Its id. */
  id: BookingId;
  /** Which space. */
  listing: ListingId;
  /** Whether one has asked oneself. */
  mine: boolean;
  /** Whether the space is one's own. */
  own: boolean;
  /** Whose space. */
  owner: Person;
  /** For how many people. */
  people: number;
  /** For what. */
  purpose: Form;
  /** Where it stands. */
  stage: SlotStage;
  /** From when on. */
  starts_at: number;
  /** Whether it is a thing that is lent, for whole days, and no space. */
  thing: boolean;
  /** What it is called; `null` once it is erased. */
  title?: string | null;
}

/** The bookings of one space. */
export interface SpaceCalendar {
  /** Whether one can ask for it. */
  can_ask: boolean;
  /** Those that are agreed, for everybody; one's own and, for the owner, all others too. In the order of their beginning. */
  rows: SpaceBooking[];
}

/** What is done about a booking of a space. */
export type SpaceStep = 'grant' | 'decline' | 'cancel';

/** What is done about a booking of a space. */
export interface SpaceStepArgs {
  /** Which booking. */
  booking: BookingId;
  /** What. */
  step: SpaceStep;
}

/** As what somebody speaks. */
export interface Speaking {
  /** Whether still: an answer stays one when a capacity or a role ends. */
  now: boolean;
  /** As what. */
  voice: Voice;
}

/** One device of an organisation, and who works there. */
export interface StaffRow {
  /** Whether the name of another who works there looks the same. */
  alike: boolean;
  /** Whether their own device wrote all of this, and no colleague's. */
  by_itself: boolean;
  /** The device. */
  device: DeviceId;
  /** Since when they work there no longer, as a device of the organisation claims. */
  left_at?: number | null;
  /** Their name; empty where the organisation has never named them. */
  name: string;
  /** What they do there; may be empty. */
  post: string;
  /** Whether they work there now: nothing else is said, and the device is in use. */
  works: boolean;
}

/** Where a deal stands. */
export type Stage = 'answered' | 'agreed' | 'on-loan' | 'done' | 'called-off' | 'lost';

/** What reviewers say of one capacity of a member. */
export interface Standing {
  /** Who says the opposite. */
  against: StandingWord[];
  /** Who says so. */
  by: StandingWord[];
  /** Which. */
  capacity: Capacity;
  /** How many it takes. */
  needed: number;
  /** Whether enough say so. */
  stands: boolean;
  /** By how many the words for it outnumber those against it. */
  words: number;
}

/** One reviewer's word on a capacity of a member. */
export interface StandingWord {
  /** The reviewer. */
  by: Person;
  /** The entry that says it. */
  entry: EntryHash;
}

/** One's own statement. */
export interface Statement {
  /** The newest first. */
  lines: Line[];
  /** How many there are. */
  total: number;
}

/** Which lines of the statement to show, the newest first. */
export interface StatementArgs {
  /** Only lines that stand after the one of this entry, which are older. */
  after?: EntryHash | null;
  /** At most this many, 1 to 500; 100 if not told. */
  limit?: number | null;
}

/** One device's state, for scripts and for the sync line. */
export interface Status {
  /** Where this device listens. */
  addresses: string[];
  /** Where a store that would not open was moved to, if that happened. */
  aside?: string | null;
  /** The building's id; `null` before there is one. */
  building?: BuildingId | null;
  /** How many changes they consist of. */
  changes: number;
  /** This device. */
  device: DeviceId;
  /** How many member documents are here. */
  documents: number;
  /** Where its key is kept. */
  key_kept: KeyKept;
  /** Whose device this is. */
  member?: MemberId | null;
  /** The building's name. */
  name?: string | null;
  /** Neighbours in reach. */
  peers: Peer[];
  /** The hash of everything a screen can show; equal on replicas that hold the same. */
  projection?: string | null;
}

/** Where somebody is, as a name tells it. */
export type Stay = 'here' | 'away' | 'left' | 'deceased';

/** The next thing that one party can do. */
export type Step = 'agree' | 'hand-over' | 'return' | 'done' | 'review' | 'figure' | 'settle' | 'extend';

/** What kind of rows a change touched, and what a query's result is made of. */
export type Tag = 'building' | 'members' | 'listings' | 'deals' | 'reviews' | 'points' | 'requests' | 'application' | 'peers' | 'notices' | 'lock' | 'matters' | 'activities' | 'shop' | 'care';

/** Who took points. */
export interface TakerNote {
  /** How many. */
  points: number;
  /** Who. */
  taker: FlowTaker;
}

/** A conversation, as one of the two sees it. Nobody else holds any of it. */
export interface Talk {
  /** Whether one has blocked the other. */
  blocked: boolean;
  /** Who would see what one shows of it. */
  hearers: Person[];
  /** What was said, the first first. */
  messages: TalkMessage[];
  /** What mediators have said about it to oneself, the first first. */
  notes: TalkNote[];
  /** Whether one can say something now. */
  open: boolean;
  /** The other. */
  other: Person;
}

/** A conversation: that of a deal, or that of an introduction. */
export interface TalkArgs {
  /** Of which deal. */
  deal?: DealId | null;
  /** Of which introduction. */
  introduction?: IntroductionId | null;
}

/** One message. */
export interface TalkMessage {
  /** When, in milliseconds since 1970, as the device claims. */
  at: number;
  /** By which it is named. */
  message: EntryHash;
  /** Whether it is one's own. */
  mine: boolean;
  /** The JPEG that goes with it, in base64. */
  picture?: string | null;
  /** What was said; may be empty beside a picture. */
  text: string;
  /** Whether it is still on its way to the other, as far as this device knows. */
  under_way: boolean;
}

/** What a mediator has said. */
export interface TalkNote {
  /** When, in milliseconds since 1970, as their device claims. */
  at: number;
  /** Who. */
  by: Person;
  /** What. */
  text: string;
}

/** How the matters of a hall stand. */
export interface Tally {
  /** How long it took until the first answer, of all that have one, in milliseconds: half took no longer. */
  answer_ms_median?: number | null;
  /** How many were answered, and their askers have not said whether that helps. */
  answered: number;
  /** How many were taken up and not answered. */
  heard: number;
  /** How many are solved. */
  solved: number;
  /** How many wait for one's own answer. */
  to_me: number;
  /** How many nobody has taken up. */
  waiting: number;
}

/** What kind of volunteering time goes into. */
export type Task = 'child-care' | 'after-school' | 'home-help' | 'elder-help' | 'visiting' | 'events' | 'other';

/** Thanks for the wall. */
export interface ThankArgs {
  /** For which finished deal of the two, if for one. */
  deal?: DealId | null;
  /** 1 to 100 characters. */
  text: string;
  /** Whom. */
  to: MemberId;
}

/** Something that a teacher was granted points for. */
export interface ThankedNote {
  /** What. */
  act: GrantAct;
  /** On which day, in days since 1970-01-01. */
  day: number;
}

/** Own thanks. */
export interface ThanksArgs {
  /** Which. */
  thanks: ThanksId;
}

export type ThanksId = string;

/** One note of thanks. */
export interface ThanksRow {
  /** When, as the device claims. */
  at: number;
  /** Who thanks. */
  by: Person;
  /** Whether it is one's own. */
  mine: boolean;
  /** For whom it is said, where the thanks are for somebody who is not named. */
  on_behalf?: string | null;
  /** Whether both have signed that it was done. */
  signed: boolean;
  /** The note. */
  text: string;
  /** Which. */
  thanks: ThanksId;
  /** What for, where both have signed that it was done. */
  title?: string | null;
  /** Whom. */
  to: Person;
}

/** That a child came or left. */
export interface TickChildArgs {
  /** The day. */
  day: number;
  /** Whose authorisation. */
  guardian: MemberId;
  /** Whether the child left; else they came. */
  left: boolean;
  /** Which. */
  pass: PassId;
}

/** When a child came and left on a day. */
export interface TickNote {
  /** When they came, as who ticked it says. */
  came?: number | null;
  /** Who has ticked that. */
  came_by?: Person | null;
  /** The day. */
  day: number;
  /** When they left. */
  left?: number | null;
  /** Who has ticked that. */
  left_by?: Person | null;
}

/** What is up today. */
export interface Today {
  /** Activities that wait for oneself, or begin within three days: at most three. */
  activities?: Activity[];
  /** How many there are. */
  activities_total?: number;
  /** Activities to come for which one has not signed up: at most three, the soonest of each host before others. */
  announced?: Activity[];
  /** How many there are. */
  announced_total?: number;
  /** Invitations of neighbours: at most three. */
  invitations?: Invitation[];
  /** 合适的: at most three, the best match of each of one's open needs and offers. */
  matches: TodayMatch[];
  /** Matters of the hall that wait for oneself: for an answer, or for a word whether the answer helps; at most three. */
  matters: Matter[];
  /** How many there are. */
  matters_total: number;
  /** Things whose keepers name one as an owner, and of which one has said nothing: at most three. */
  named?: Listing[];
  /** What neighbours posted since, the newest first, at most ten. */
  news: Listing[];
  /** How many they posted. */
  news_total: number;
  /** Requests that wait for this reviewer. */
  requests: number;
  /** Since when. */
  since: number;
  /** Slips of one's own that ask for an answer, the newest first: at most three. */
  slips?: SlipRow[];
  /** How many there are; no more than a hundred are counted. */
  slips_total?: number;
  /** Bookings of spaces that wait for oneself, were lost, or come soon: at most three. */
  slots?: SpaceBooking[];
  /** How many there are. */
  slots_total?: number;
  /** 轮到你了: at most three deals that wait for oneself. */
  turns: Deal[];
  /** How many there are. */
  turns_total: number;
}

/** Since when things are new. */
export interface TodayArgs {
  /** In milliseconds since 1970; a day ago if not told. */
  since?: number | null;
}

/** Something that fits one's own listing. */
export interface TodayMatch {
  /** What fits it best. */
  best: Match;
  /** One's own listing. */
  mine: Listing;
}

/** What is taught or told. */
export type Topic = 'history' | 'region' | 'humanities' | 'science' | 'health' | 'law' | 'other-topic';

/** A screen was touched. */
export interface Touched {
  /** For how long it stays open if nobody touches it again, in milliseconds; 0 as in [`LockNote`]. */
  left_ms: number;
}

/** All that one has signed. */
export interface Trail {
  /** Devices that signed them. */
  devices: number;
  /** The newest first, each verified. */
  papers: Paper[];
  /** How many there are. */
  total: number;
}

/** Which of one's own signed entries to show, the newest first. */
export interface TrailArgs {
  /** Only those that stand after this one, which are older. */
  after?: EntryHash | null;
  /** At most this many, 1 to 200; 50 if not told. */
  limit?: number | null;
}

/** Somebody's turn with a thing that is lent. */
export interface Turn {
  /** The deal. */
  deal: DealId;
  /** From when on, as the days are agreed; `null` where it waits for nothing but the owner's yes. */
  from?: number | null;
  /** Whether it is one's own. */
  mine: boolean;
  /** How they stand to it. */
  state: TurnState;
  /** Until when. */
  until?: number | null;
  /** Whose; of those who wait in line only its owner sees the others. */
  who?: Person | null;
}

/** How somebody stands to a thing that is lent one after the other. */
export type TurnState = 'out' | 'next' | 'line';

/** Whether the register has the unit. */
export type UnitFound = 'one' | 'several' | 'none';

/** Somebody of the same unit, as this reviewer's device knows. */
export interface UnitMember {
  /** Who. */
  person: Person;
  /** Whether they hold the vote of the unit. */
  votes: boolean;
}

/** What verifying a deal or an entry once more, from its stored bytes, found. */
export interface Verified {
  /** Devices that signed them. */
  devices: number;
  /** Journals that the entries stand in. */
  journals: number;
  /** Entries between these and the beginnings of their journals, whose hashes were computed once more too. */
  links: number;
  /** Whether all of it is as it was signed. */
  ok: boolean;
  /** Each signed entry, what it names before it. */
  papers: Paper[];
  /** Signatures verified. */
  signatures: number;
  /** How long it took, in microseconds. */
  us: number;
}

/** What to verify once more: a deal, or one entry. Exactly one of the two. */
export interface VerifyArgs {
  /** All that was signed about this deal. */
  deal?: DealId | null;
  /** This entry, such as a payment without a deal. */
  entry?: EntryHash | null;
}

/** A visit at somebody's home. */
export interface VisitNote {
  /** Whether it is one's own home. */
  at_home: boolean;
  /** When they said that they are there. */
  came?: number | null;
  /** What reviewers vouch for of who comes. */
  capacities: Capacity[];
  /** For which deal. */
  deal: DealId;
  /** From when on. */
  from: number;
  /** Whose home. */
  host: Person;
  /** When they said that they have gone. */
  left?: number | null;
  /** Whether oneself is who comes. */
  mine: boolean;
  /** Since when who comes is a neighbour, as a reviewer has signed. */
  since: number;
  /** The title of its listing. */
  title?: string | null;
  /** Until when, at the latest. */
  until: number;
  /** Who has certified them. */
  verified_by?: Person | null;
  /** Who comes. */
  visitor: Person;
  /** Who of the family looks on. */
  watcher?: Person | null;
}

/** That one is there, or has gone. */
export interface VisitedArgs {
  /** For which deal. */
  deal: DealId;
  /** Whether one has gone. */
  left: boolean;
}

/** Visits at home that concern oneself. */
export interface Visits {
  /** The next first. */
  rows: VisitNote[];
}

/** As what somebody speaks in the hall. */
export type Voice = 'official' | 'answerer' | 'property-firm' | 'committee-office' | 'addressed';

/** What a reviewer says that somebody is or is not, or takes back. */
export interface VouchArgs {
  /** What. */
  capacity: Capacity;
  /** Whom. */
  member: MemberId;
  /** For it, against it, or taken back. */
  opinion: Opinion;
}

/** What a reviewer's word says of a neighbour. */
export interface Vouched {
  /** What. */
  capacity: Capacity;
  /** Whether. */
  opinion: Opinion;
  /** Of whom. */
  person: Person;
}

/** One signed entry. */
export interface Voucher {
  /** When, as their device claims. */
  at: number;
  /** Who signed it. */
  by?: Person | null;
  /** How a thing came back, if it says so. */
  condition?: Condition | null;
  /** On which day it happened, if that was entered late; which later day it names. */
  day?: number | null;
  /** Its hash. */
  entry: EntryHash;
  /** How many points it says are right, if it does. */
  points?: number | null;
  /** What it says. */
  what: Act;
  /** That in words. */
  word: string;
}

/** What to wait for. */
export interface WaitArgs {
  /** The query's arguments. */
  args?: unknown;
  /** Which part of its result counts: a JSON pointer (RFC 6901) such as `/deal/stage`; all of it if not told. */
  at?: string;
  /** The part is to be equal to this. */
  is?: unknown;
  /** The part is to be a number of at least this, or a list of at least that many. */
  least?: number | null;
  /** The part is to be equal to one of these. */
  one_of?: unknown[];
  /** A query to ask again after every change; only a change of `tags` is waited for if not told. */
  query?: string | null;
  /** Only changes of these rows count; any change if empty. */
  tags?: Tag[];
  /** How long to wait, in milliseconds, at most ten minutes. */
  timeout_ms: number;
}

/** How waiting ended. */
export interface Waited {
  /** Whether it came to pass; `false` after the time was up. */
  met: boolean;
  /** What the query said last; `null` without one. */
  result: unknown;
}

/** Thanks on the wall. */
export interface Wall {
  /** The newest first. */
  rows: ThanksRow[];
  /** How many there are. */
  total: number;
}

/** Witnesses to name, or no longer. */
export interface WitnessArgs {
  /** Whose devices. */
  member: MemberId;
  /** Named or not. */
  named: boolean;
}

/** Why another deal won the listing. */
export type WonBy = 'further' | 'number';

/** One of the six words by which neighbours look for what there is. */
export type Word = 'knowledge' | 'skill' | 'item' | 'time' | 'space' | 'service';

/** What one has said, in one's document. */
export interface Words {
  /** What one has invited neighbours to. */
  activities?: number;
  /** Invitations. */
  invites: number;
  /** Offers and needs, closed ones included. */
  listings: number;
  /** What one has put to the hall and said there. */
  matters: number;
  /** Whether there is a name, a block or a sentence about oneself. */
  profile: boolean;
  /** What one has answered. */
  replies: number;
  /** What one has said of others. */
  reviews: number;
}

/** A zone of the map. */
export interface Zone {
  /** Its blocks, in the order in which they are shown. */
  blocks: Block[];
  /** Its number. */
  id: number;
  /** What it is called; empty for the one that holds the blocks that are in none. */
  name: string;
}

/** A zone as it is to be. */
export interface ZoneArgs {
  /** Its blocks, in the order in which they are shown. */
  blocks: BlockArgs[];
  /** Its number; a new one gets one. */
  id?: number | null;
  /** What it is called, at most 12 characters; empty for the one that holds the blocks that are in none. */
  name?: string;
}

/** What can be done: every command with its arguments and its result. */
export interface Commands {
  /** Founds a building; this household is its first. */
  found: { args: FoundArgs; result: Founded };
  /** Asks to join a building, by a ticket or by a typed code. */
  apply: { args: ApplyArgs; result: Applied };
  /** Looks for the building of the member whose further device this one is to be. */
  further_device: { args: FurtherDeviceArgs; result: Applied };
  /** Makes an invitation: the ticket for a QR and the short code. */
  invite: { args: InviteArgs; result: Invited };
  /** Withdraws all of one's invitations. */
  withdraw_invites: { args: NoArgs; result: Saved };
  /** Withdraws one of one's invitations; who came by it before still waits. */
  withdraw_invite: { args: InviteIdArgs; result: Saved };
  /** Refuses all who came by an invitation, and all who still come by it; for reviewers. */
  refuse_invite: { args: RefuseInviteArgs; result: Saved };
  /** Asks the newcomer with this device something before deciding; for reviewers. */
  ask: { args: AskArgs; result: Saved };
  /** Picks where one lives, of the map that the building one asks to join has shown; the request is sealed only then. */
  pick_place: { args: PickPlaceArgs; result: Applied };
  /** Answers a reviewer's question about one's own application. */
  answer_question: { args: AnswerQuestionArgs; result: Saved };
  /** Keeps a register of units on this device alone, in the place of any before it; for reviewers. */
  import_register: { args: RegisterFileArgs; result: RegisterReading };
  /** Forgets the register of units. */
  forget_register: { args: NoArgs; result: Saved };
  /** Opens what a member has told the reviewers, and tells the member who did; for reviewers. */
  open_details: { args: MemberArgs; result: Details };
  /** Complains about a member, to all who review, mediate or sit in the council but that member. */
  complain: { args: ComplainArgs; result: Saved };
  /** Answers a complaint that one hears or has made. */
  answer_complaint: { args: AnswerComplaintArgs; result: Saved };
  /** Certifies the newcomer with this device; for reviewers. */
  approve: { args: ApproveArgs; result: Saved };
  /** Refuses the newcomer with this device; for reviewers. */
  refuse: { args: RefuseArgs; result: Saved };
  /** Says that one would sit in the council, with this device; gives the key on paper. */
  stand: { args: NoArgs; result: Sheet };
  /** Writes the next epoch: the founder's counts at once, a seat's is laid before the council. */
  draft_epoch: { args: DraftArgs; result: Drafted };
  /** Lets this device's seat sign a draft, now or as soon as its turn comes. */
  agree_to_draft: { args: OneDraftArgs; result: Saved };
  /** Takes the lead in the council where the seat whose turn it is does not. */
  lead_council: { args: NoArgs; result: Saved };
  /** Lets this device speak for the seat whose key on paper this is. */
  use_sheet: { args: SheetArgs; result: Saved };
  /** Gives or takes a role: at once by the founder, as a draft by a seat of the council. */
  set_role: { args: RoleArgs; result: Saved };
  /** Names a member's devices as witnesses, or no longer: at once by the founder, as a draft by a seat of the council. */
  set_witness: { args: WitnessArgs; result: Saved };
  /** Lets another device write for this member. */
  link_device: { args: LinkDeviceArgs; result: Saved };
  /** Closes a device of this member: what it signs from now on counts for nothing. */
  close_device: { args: CloseDeviceArgs; result: Saved };
  /** Hands over to another device of this member, its points with it, and closes this one. */
  change_device: { args: DeviceArgs; result: Saved };
  /** Makes a new recovery sheet, to be printed; the one before is worth nothing from then on. */
  make_sheet: { args: NoArgs; result: SheetPaper };
  /** Comes back on a new installation with one's recovery sheet. */
  recover: { args: RecoverArgs; result: Applied };
  /** Closes all devices of the member whose recovery sheet this is, at somebody else's device. */
  close_by_sheet: { args: SheetArgs; result: Saved };
  /** Lets a member go on with the device of a request, and closes those that are lost; takes two reviewers. */
  reapprove: { args: ReapproveArgs; result: Saved };
  /** Hands what a member's closed devices have left over to one that goes on; takes two reviewers. */
  hand_points_over: { args: MemberArgs; result: Saved };
  /** Objects to a re-approval of oneself that somebody else wants. */
  object: { args: ObjectArgs; result: Saved };
  /** Would be shown as one household with another member, or no longer; they see it once both would, and nobody else does. */
  set_kin: { args: KinArgs; result: Saved };
  /** Says as a reviewer what a member is known as or is not, or takes it back; some take two reviewers. */
  vouch: { args: VouchArgs; result: Saved };
  /** Changes what neighbours see of this member. */
  set_profile: { args: ProfileArgs; result: Saved };
  /** Says who works at one of the organisation's devices: what it signs is shown with their name. */
  name_staff: { args: NameStaffArgs; result: Saved };
  /** Posts an offer or a need. */
  post: { args: PostArgs; result: Posted };
  /** Replaces the words of an own listing. */
  edit_listing: { args: EditArgs; result: Saved };
  /** Closes an own listing. */
  close_listing: { args: ListingArgs; result: Saved };
  /** Records that an own medical device was cleaned and checked. */
  check_device: { args: CheckArgs; result: Saved };
  /** Says that one owns a thing together with its keeper, who has named one, or that one does not. */
  step_on_owning: { args: OwningArgs; result: Saved };
  /** Says which of one's own things were found where they lie. */
  count_things: { args: CountArgs; result: Saved };
  /** Answers a listing: 我可以帮助你, or 我想要. */
  answer: { args: AnswerArgs; result: Answered };
  /** Accepts an answer to one's own listing. */
  agree: { args: DealArgs; result: Saved };
  /** Says no, or calls off what has not begun. */
  call_off: { args: DealArgs; result: Saved };
  /** Confirms that the lent thing changed hands. */
  hand_over: { args: DealArgs; result: Saved };
  /** Confirms that the lent thing is back; the borrower's also pays what was agreed. */
  return: { args: DealArgs; result: Saved };
  /** Confirms that the help was given; the receiver's also pays what was agreed. */
  done: { args: DealArgs; result: Saved };
  /** Does what a loan takes beyond a word: enters a step late, says how the thing came back, extends it, passes somebody over. */
  step_on_loan: { args: LoanStepArgs; result: Saved };
  /** Says how it was. */
  review: { args: ReviewArgs; result: Saved };
  /** Answers what the other party of a finished deal said. */
  reply: { args: ReplyArgs; result: Saved };
  /** Puts a question, a complaint, a call for help or a suggestion to the hall. */
  put_matter: { args: PutMatterArgs; result: PutMatter };
  /** Takes a matter of one's own back. */
  withdraw_matter: { args: OwnMatterArgs; result: Saved };
  /** Takes a neighbour's matter up; for those who answer in the hall. */
  take_up_matter: { args: RespondArgs; result: Saved };
  /** Answers a neighbour's matter; who does not answer in the hall replies as a neighbour. */
  respond_to_matter: { args: RespondArgs; result: Saved };
  /** Says of a matter of one's own that it is solved, or not yet. */
  judge_matter: { args: JudgeArgs; result: Saved };
  /** Says how many points are right for a deal of one's own; while the two differ nothing is paid for it. */
  say_points: { args: FigureArgs; result: Saved };
  /** Says so for a deal of which the two say different numbers; for mediators. */
  rule_points: { args: FigureArgs; result: Saved };
  /** Pays what one still owes for a finished deal, or back what was too much. */
  settle: { args: DealArgs; result: Saved };
  /** Says something in a conversation. */
  say: { args: SayArgs; result: Saved };
  /** Shows the mediators some of what the other has said in a conversation. */
  report: { args: ReportArgs; result: Saved };
  /** Answers a report to both: who made it, and whom it is about; for mediators. */
  answer_both: { args: AnswerBothArgs; result: Saved };
  /** Would have nothing to do with a neighbour, or would again; nobody else learns of it. */
  block: { args: BlockMemberArgs; result: Saved };
  /** Asks an organiser or a reviewer to introduce one to a neighbour. */
  ask_introduction: { args: AskIntroductionArgs; result: Saved };
  /** Asks a neighbour whether they would meet somebody; for whoever was asked to introduce. */
  introduce: { args: IntroduceArgs; result: Saved };
  /** Says yes or no to an introduction. */
  reply_introduction: { args: ReplyIntroductionArgs; result: Saved };
  /** Tells the one who asked that an introduction does not work out. */
  fail_introduction: { args: IntroductionArgs; result: Saved };
  /** Thanks a neighbour on the wall. */
  thank: { args: ThankArgs; result: Saved };
  /** Takes own thanks off the wall. */
  take_thanks: { args: ThanksArgs; result: Saved };
  /** Calls for things that are to come together. */
  call_drive: { args: CallDriveArgs; result: Called };
  /** Closes an own drive and tells what was made of it. */
  close_drive: { args: CloseDriveArgs; result: Saved };
  /** Promises something to a drive, or takes it back. */
  pledge: { args: PledgeArgs; result: Saved };
  /** Says how many have come from a donor of an own drive. */
  receive: { args: ReceiveArgs; result: Saved };
  /** Offers the other party of an agreed deal to exchange phone numbers. */
  offer_phone: { args: PhoneArgs; result: Saved };
  /** Takes that back: nothing more is sent, and neither number stays on one's own devices. */
  withdraw_phone: { args: DealArgs; result: Saved };
  /** Gives points without a deal. */
  give: { args: GiveArgs; result: Saved };
  /** Moves points to another device of one's own. */
  move_points: { args: MovePointsArgs; result: Saved };
  /** Gives points to the device in front of this one, with no network; it is then shown the code. */
  pay_face: { args: PayFaceArgs; result: Faced };
  /** Takes the code that the device in front of this one shows. */
  take_face: { args: FaceTextArgs; result: Faced };
  /** Gives points to the community fund. */
  give_to_fund: { args: GiveToFundArgs; result: Saved };
  /** Grants points from the fund by the table of rates, or lays that before a second person; for treasurers. */
  grant: { args: GrantArgs; result: Granted };
  /** Lays opening balances from a ledger on paper before a second person; for treasurers. */
  list_openings: { args: OpeningsArgs; result: Granted };
  /** Agrees as a second person to a list of grants; the treasurer's device grants them then. */
  second_grants: { args: GrantListArgs; result: Saved };
  /** Takes back a list of grants of one's own. */
  unlist_grants: { args: GrantListArgs; result: Saved };
  /** Announces an activity. */
  announce_activity: { args: AnnounceArgs; result: Announced };
  /** Signs up for an activity or takes that back, pays what is due, says that one was there, or calls off one's own. */
  step_on_activity: { args: ActivityStepArgs; result: Saved };
  /** Says as the host of an activity whether who has a place came, or lets them off. */
  mark_guest: { args: MarkGuestArgs; result: Saved };
  /** Asks for a space by the hour; its owner agrees or says no. */
  ask_space: { args: AskSpaceArgs; result: AskedSpace };
  /** Agrees to who asks for one's own space or says no, or takes back what one has asked for. */
  step_on_space: { args: SpaceStepArgs; result: Saved };
  /** Founds an interest group. */
  found_group: { args: FoundGroupArgs; result: GroupFounded };
  /** Joins a group, leaves it, or closes one's own. */
  step_on_group: { args: GroupStepArgs; result: Saved };
  /** Lists a resource outside of the building; for who organises. */
  list_resource: { args: ListResourceArgs; result: Saved };
  /** Takes a resource of one's own off the list. */
  unlist_resource: { args: ResourceArgs; result: Saved };
  /** Adds a category to the tree; for who organises. */
  add_category: { args: AddCategoryArgs; result: Saved };
  /** Takes a category of one's own out of the tree again. */
  remove_category: { args: CategoryArgs; result: Saved };
  /** Invites a neighbour with whom one has finished a deal to an activity or a group; nobody else hears of it. */
  invite_neighbour: { args: InviteNeighbourArgs; result: Saved };
  /** Lays an invitation aside. */
  dismiss_invitation: { args: InviteNeighbourArgs; result: Saved };
  /** Proposes help on the same days of every week, or other terms for it. */
  propose_help: { args: ProposeHelpArgs; result: Proposed };
  /** Agrees to recurring help, tells or confirms days, pauses it, ends it. */
  step_on_help: { args: HelpStepArgs; result: Saved };
  /** As a guardian, says who may collect a child or look after it. */
  give_pass: { args: GivePassArgs; result: PassGiven };
  /** Revokes that. */
  revoke_pass: { args: PassArgs; result: Saved };
  /** As one who is named, ticks that a child came or left. */
  tick_child: { args: TickChildArgs; result: Saved };
  /** As one of the two of a deal, says when the other one comes to one's home. */
  plan_visit: { args: PlanVisitArgs; result: Saved };
  /** As who comes, says that one is there, or has gone. */
  visited: { args: VisitedArgs; result: Saved };
  /** Enters a slip of paper, as whoever keeps the desk; its payer is asked to pay it. */
  enter_slip: { args: EnterSlipArgs; result: EnteredSlip };
  /** Pays a slip of paper of one's own that was entered. */
  pay_slip: { args: SlipArgs; result: Saved };
  /** Says of a slip of paper that was entered that it is none of one's own. */
  disown_slip: { args: SlipArgs; result: Saved };
  /** As the desk, makes a key for somebody without a phone and asks reviewers to certify it; gives the card. */
  enrol: { args: EnrolArgs; result: CardPaper };
  /** At the desk, takes what waits for somebody with a card, and shows their account. */
  open_card: { args: CardArgs; result: CardAccount };
  /** At the desk, gives points of somebody with a card. */
  card_give: { args: CardGiveArgs; result: CardAccount };
  /** At the desk, pays a slip of somebody with a card, or says that it is none of theirs. */
  card_slip: { args: CardSlipArgs; result: CardAccount };
  /** As the desk, forgets the key of a card. */
  forget_card: { args: CardDeviceArgs; result: Saved };
  /** Offers a good for points, or says anew how many there are and until when; for shops and the desk. */
  put_good: { args: PutGoodArgs; result: PutGood };
  /** Takes a good of one's own back; what was ordered before stays ordered. */
  withdraw_good: { args: OwnGoodArgs; result: Saved };
  /** Orders a good of a shop and pays it. */
  order_good: { args: OrderGoodArgs; result: Ordered };
  /** Calls an order off before it is picked up, as its buyer or its shop; the points come back. */
  call_off_order: { args: OrderArgs; result: Saved };
  /** Takes the code that a buyer shows, and tells which order it opens; for shops and the desk. */
  read_pick_up: { args: PickUpArgs; result: PickUpRead };
  /** Hands an order out against its code. */
  hand_out: { args: HandOutArgs; result: OrderDetail };
  /** Says when one leaves the building, or that one stays after all. */
  leave: { args: LeaveArgs; result: Saved };
  /** Erases all that one has said, on every device and for good; what one has done stays. */
  erase: { args: NoArgs; result: Saved };
  /** Says that a member is away, deceased or back; takes two reviewers. */
  mark: { args: MarkArgs; result: Saved };
  /** Says that one is here, whatever reviewers have said. */
  here: { args: NoArgs; result: Saved };
  /** Names who is family: they see what is on loan when one cannot. */
  name_kin: { args: NameKinArgs; result: Saved };
  /** Sets which kinds of notices this device tells. */
  set_notices: { args: NoticeSettings; result: Saved };
}

/** What can be done with the buildings on this device. */
export interface InstallationCommands {
  /** Makes room for one more building on this device, with a key and a store of its own; room that is free is given again. */
  add_home: { args: NoArgs; result: Home };
  /** Looks at a building no longer: its folder is moved aside, and nothing of it is deleted. */
  forget_home: { args: HomeArgs; result: Forgotten };
  /** Founds a building in the place of one that can never decide again, and tells the old one. */
  refound: { args: RefoundArgs; result: Home };
  /** Follows into a building that was founded anew: says so in the old one, and knocks at the new one. */
  follow: { args: RefoundingArgs; result: Home };
  /** Certifies somebody who follows, on the strength of their certificate in the old building. */
  admit_follower: { args: FollowerArgs; result: Saved };
  /** Posts one's own open offers and needs of the old building in the new one. */
  bring_over: { args: RefoundingArgs; result: Brought };
  /** Sets or changes the PIN that screens ask for, and after how long; programs need not tell the one that is set. */
  set_lock: { args: SetLockArgs; result: Saved };
  /** Takes the PIN off; programs need not tell it. */
  remove_lock: { args: RemoveLockArgs; result: Saved };
  /** Opens the screen that asks, by the PIN. */
  unlock: { args: PinArgs; result: Saved };
  /** Takes the PIN off by one's recovery sheet. */
  unlock_by_sheet: { args: SheetArgs; result: Saved };
  /** Locks every screen, the one that asks too; a locked one cannot. */
  lock_now: { args: NoArgs; result: Saved };
  /** Says that somebody has touched the screen that asks. */
  touch: { args: NoArgs; result: Touched };
}

/** What can be asked of the buildings on this device. */
export interface InstallationQueries {
  /** Tells how the screen that asks stands to the lock. */
  lock: { args: NoArgs; result: LockNote };
  /** Lists who follows into a building that is on this device. */
  followers: { args: RefoundingArgs; result: Followers };
  /** Lists the buildings on this device. */
  homes: { args: NoArgs; result: Homes };
}

/** What can be asked: every query with its arguments and its result. */
export interface Queries {
  /** Tells the state of this device. */
  status: { args: NoArgs; result: Status };
  /** Tells about the building. */
  building: { args: NoArgs; result: Building };
  /** Tells who sits in the council, and what lies before it. */
  council: { args: NoArgs; result: Council };
  /** Lists the buildings that this one was founded anew as, with who follows. */
  refoundings: { args: NoArgs; result: Refoundings };
  /** Tells who one is here. */
  me: { args: NoArgs; result: Me };
  /** Lists the members with their credit records. */
  members: { args: NoArgs; result: Members };
  /** Shows one member. */
  member: { args: MemberArgs; result: Member };
  /** Lists offers and needs, page by page. */
  listings: { args: ListingsArgs; result: Listings };
  /** Lists needs, page by page. */
  needs: { args: ListingsArgs; result: Listings };
  /** Lists offers, page by page. */
  offers: { args: ListingsArgs; result: Listings };
  /** Shows one listing. */
  listing: { args: ListingArgs; result: ListingDetail };
  /** Lists one's own things with where they lie, when they were last found, and who has them. */
  shelf: { args: NoArgs; result: Shelf };
  /** Tells what fits a listing, and why. */
  matches: { args: MatchesArgs; result: Matches };
  /** Searches offers and needs that can still be answered. */
  search: { args: SearchArgs; result: Found };
  /** Lists deals. */
  deals: { args: DealsArgs; result: Deals };
  /** Shows one deal with its 凭证. */
  deal: { args: DealArgs; result: DealDetail };
  /** Lists deals of which the two say different numbers of points: one's own, and for mediators all. */
  disputes: { args: NoArgs; result: Deals };
  /** Lists what is before the hall, without an answer first. */
  matters: { args: MattersArgs; result: Matters };
  /** Shows one matter with all that was said of it. */
  matter: { args: MatterArgs; result: MatterDetail };
  /** Lists what neighbours are invited to. */
  activities: { args: ActivitiesArgs; result: Activities };
  /** Shows one activity; its host sees who has signed up. */
  activity: { args: ActivityArgs; result: ActivityDetail };
  /** Lists classes whose teachers the fund can thank; for treasurers. */
  classes: { args: NoArgs; result: Classes };
  /** Shows when a space is taken, and for its owner who asks. */
  space: { args: SpaceArgs; result: SpaceCalendar };
  /** Lists interest groups. */
  groups: { args: NoArgs; result: Groups };
  /** Shows one group with who is in it and what it does. */
  group: { args: GroupArgs; result: GroupDetail };
  /** Lists resources outside of the building. */
  resources: { args: NoArgs; result: Resources };
  /** Lists what was added to the tree of categories, and what one may enter. */
  categories: { args: NoArgs; result: Categories };
  /** Lists recurring help of one's own. */
  arrangements: { args: NoArgs; result: Arrangements };
  /** Shows one arrangement of one's own. */
  arrangement: { args: ArrangementArgs; result: Arrangement };
  /** Lists who may collect a child or look after it, as one has said oneself or is named. */
  passes: { args: NoArgs; result: Passes };
  /** Tells whether a code on a card is good on a day; for the guardian. */
  check_pass: { args: CheckPassArgs; result: PassChecked };
  /** Lists visits at home that concern oneself. */
  visits: { args: NoArgs; result: Visits };
  /** Tells what is up today: one's turn, what fits, what is new. */
  today: { args: TodayArgs; result: Today };
  /** Shows one's account. */
  points: { args: NoArgs; result: Account };
  /** Tells what each of one's own devices can spend, and what closed ones have left. */
  own_points: { args: NoArgs; result: OwnPoints };
  /** Lists what neighbours' closed devices have left, to be handed over; for reviewers. */
  left_points: { args: NoArgs; result: LeftRows };
  /** Lists what the fund has borne for closed devices. */
  fund_losses: { args: NoArgs; result: FundLosses };
  /** Shows the community fund. */
  fund: { args: NoArgs; result: FundNote };
  /** Reads a ledger of points from a file and keeps nothing of it; for treasurers. */
  read_openings: { args: OpeningsFileArgs; result: OpeningsReading };
  /** Lists one's transfers. */
  statement: { args: StatementArgs; result: Statement };
  /** Tells how points flow in the building, added up over everybody. */
  flows: { args: FlowsArgs; result: Flows };
  /** Draws numbers for blank slips of paper, to be printed. */
  blank_slips: { args: BlankSlipsArgs; result: BlankSlips };
  /** Lists slips of paper that were entered: one's own, and for whoever keeps the desk all. */
  slips: { args: NoArgs; result: Slips };
  /** Lists the cards that this desk has given out, and who may help. */
  cards: { args: NoArgs; result: Cards };
  /** Shows where this device can be paid face to face. */
  face_payee: { args: NoArgs; result: FaceCode };
  /** Tells how a payment face to face stands. */
  face: { args: FaceArgs; result: Faced };
  /** Lists what shops and the desk give for points. */
  goods: { args: NoArgs; result: Goods };
  /** Lists one's own orders, or those at one's own shop. */
  orders: { args: OrdersArgs; result: Orders };
  /** Shows one order, with its code on the device that ordered. */
  order: { args: OrderArgs; result: OrderDetail };
  /** Lists requests to join; for reviewers. */
  requests: { args: NoArgs; result: Requests };
  /** Tells who has opened what one has told the reviewers. */
  openings: { args: NoArgs; result: Openings };
  /** Shows a conversation. */
  talk: { args: TalkArgs; result: Talk };
  /** Lists introductions that one asks for, is asked for or makes. */
  introductions: { args: NoArgs; result: Introductions };
  /** Tells whom one has blocked. */
  blocked: { args: NoArgs; result: Blocked };
  /** Lists donation drives. */
  drives: { args: NoArgs; result: Drives };
  /** Shows one drive with its donors. */
  drive: { args: DriveArgs; result: DriveDetail };
  /** Shows the thanks on the wall. */
  wall: { args: NoArgs; result: Wall };
  /** Lists complaints that one has made or hears, and who hears them. */
  complaints: { args: NoArgs; result: Complaints };
  /** Tells which register of units this device keeps. */
  register: { args: NoArgs; result: RegisterNote };
  /** Reads a register of units and keeps nothing of it; for reviewers. */
  read_register: { args: RegisterFileArgs; result: RegisterReading };
  /** Lists one's own devices, and who wants to come back as oneself. */
  devices: { args: NoArgs; result: Devices };
  /** Tells how it stands with one's own leaving: what is open, what goes, what remains. */
  leaving: { args: NoArgs; result: Leaving };
  /** Lists members who come back with a new device and for whom reviewers are asked. */
  returns: { args: NoArgs; result: Returns };
  /** Tells where one's own application stands. */
  application: { args: NoArgs; result: ApplicationNote };
  /** Lists neighbours in reach. */
  peers: { args: NoArgs; result: Peers };
  /** Lists what was said of a member. */
  reviews: { args: MemberArgs; result: Reviews };
  /** Verifies everything on this device. */
  audit: { args: NoArgs; result: Audit };
  /** Verifies once more what was signed about one deal or one payment. */
  verify: { args: VerifyArgs; result: Verified };
  /** Lists all that one has signed, the newest first, and verifies it once more. */
  trail: { args: TrailArgs; result: Trail };
  /** Packs all that this device holds of its owner into a `.zip` for people and programs. */
  export: { args: NoArgs; result: Exported };
  /** Lists one's own invitations. */
  invites: { args: NoArgs; result: Invites };
  /** Tells which notices this device tells, and when. */
  notices: { args: NoArgs; result: Notices };
  /** Finds the id that a shortened one stands for. */
  resolve: { args: ResolveArgs; result: Resolved };
  /** Waits until a query's result is as asked, or rows change. */
  wait: { args: WaitArgs; result: Waited };
}

/** What each query's result is made of: a change of one of these tags means asking again. */
export const queryTags: { readonly [Q in keyof Queries]: readonly Tag[] } = {
  status: ['building', 'members', 'listings', 'deals', 'reviews', 'points', 'application', 'peers', 'matters', 'shop', 'activities'],
  building: ['building', 'members'],
  council: ['building', 'members'],
  refoundings: ['building', 'members'],
  me: ['building', 'members', 'application'],
  members: ['building', 'members', 'deals', 'reviews'],
  member: ['building', 'members', 'listings', 'deals', 'reviews'],
  listings: ['listings', 'deals', 'members'],
  needs: ['listings', 'deals', 'members'],
  offers: ['listings', 'deals', 'members'],
  listing: ['listings', 'deals', 'members'],
  shelf: ['listings', 'deals', 'members'],
  matches: ['listings', 'deals', 'members', 'building'],
  search: ['listings', 'deals', 'members'],
  deals: ['deals', 'listings', 'members'],
  deal: ['deals', 'listings', 'members', 'points', 'reviews'],
  disputes: ['deals', 'listings', 'members', 'points', 'building'],
  matters: ['matters', 'members', 'building'],
  matter: ['matters', 'members', 'building'],
  activities: ['activities', 'members', 'points', 'building'],
  activity: ['activities', 'members', 'points'],
  classes: ['activities', 'members', 'points', 'building'],
  space: ['activities', 'listings', 'members'],
  groups: ['activities', 'members'],
  group: ['activities', 'members', 'points'],
  resources: ['activities', 'members', 'building'],
  categories: ['activities', 'building', 'members'],
  arrangements: ['deals', 'members', 'points'],
  arrangement: ['deals', 'members', 'points'],
  passes: ['deals', 'members'],
  check_pass: ['deals', 'members'],
  visits: ['deals', 'listings', 'members'],
  today: ['deals', 'listings', 'members', 'reviews', 'requests', 'matters', 'building', 'points', 'activities'],
  points: ['points', 'building', 'deals', 'shop', 'activities', 'members'],
  own_points: ['points', 'building', 'members'],
  left_points: ['points', 'building', 'members'],
  fund_losses: ['points', 'members'],
  fund: ['points', 'building', 'members', 'activities'],
  read_openings: ['points', 'members'],
  statement: ['points', 'deals', 'shop', 'activities', 'members'],
  flows: ['points', 'deals', 'listings', 'members', 'activities', 'shop'],
  blank_slips: ['building'],
  slips: ['points', 'members', 'building'],
  cards: ['points', 'members', 'building'],
  face_payee: ['points', 'members'],
  face: ['points', 'members'],
  goods: ['shop', 'points', 'members'],
  orders: ['shop', 'points', 'members'],
  order: ['shop', 'points', 'members'],
  requests: ['requests', 'members'],
  openings: ['members', 'requests', 'building'],
  talk: ['care', 'deals', 'members', 'building'],
  introductions: ['care', 'members', 'building'],
  blocked: ['care', 'members'],
  drives: ['care', 'members'],
  drive: ['care', 'members'],
  wall: ['care', 'deals', 'listings', 'members'],
  complaints: ['requests', 'building', 'members'],
  register: ['requests'],
  read_register: ['building', 'members'],
  devices: ['members', 'application', 'peers', 'points'],
  leaving: ['building', 'members', 'listings', 'deals', 'reviews', 'points', 'matters', 'activities', 'shop'],
  returns: ['members', 'requests'],
  application: ['application'],
  peers: ['peers', 'members'],
  reviews: ['reviews', 'members'],
  audit: ['building', 'members', 'listings', 'deals', 'reviews', 'points', 'matters', 'activities', 'shop'],
  verify: ['deals', 'points', 'members'],
  trail: ['building', 'members', 'deals', 'points', 'requests', 'activities', 'shop'],
  export: ['building', 'members', 'listings', 'deals', 'reviews', 'points', 'matters', 'activities', 'shop'],
  invites: ['members', 'requests'],
  notices: ['notices'],
  resolve: ['listings', 'deals', 'members', 'requests', 'matters', 'activities'],
  wait: [],
};

/** Every code that an answer can carry. */
export const codes: readonly Code[] = [
  'text-empty',
  'text-too-long',
  'text-unprintable',
  'out-of-range',
  'mode-mismatch',
  'task-mismatch',
  'kind-missing',
  'listing-unknown',
  'listing-not-yours',
  'listing-closed',
  'own-listing',
  'check-missing',
  'not-medical',
  'already-answered',
  'listing-taken',
  'places-full',
  'places-mismatch',
  'due-mismatch',
  'direction-mismatch',
  'deal-unknown',
  'not-a-party',
  'not-your-step',
  'wrong-stage',
  'already-confirmed',
  'still-out',
  'day-outside',
  'not-later',
  'no-later-day',
  'beyond-rights',
  'beyond-quota',
  'transfer-malformed',
  'payee-unknown',
  'member-unknown',
  'role-missing',
  'request-unknown',
  'already-member',
  'invite-unknown',
  'invite-expired',
  'invite-withdrawn',
  'inbox-full',
  'not-yet-member',
  'device-unknown',
  'sheet-mistyped',
  'sheet-unknown',
  'sheet-spent',
  'approval-unknown',
  'not-finished',
  'not-standing',
  'seat-missing',
  'no-council',
  'draft-unknown',
  'details-unknown',
  'nobody-to-hear',
  'complaint-unknown',
  'refounding-unknown',
  'followed-twice',
  'cutoff-too-low',
  'reviewer-missing',
  'seats-malformed',
  'seat-sheet-unknown',
  'too-young',
  'asked-enough',
  'question-unknown',
  'still-open',
  'seat-held',
  'last-reviewer',
  'has-left',
  'is-away',
  'you-left',
  'not-leaving',
  'mark-unknown',
  'place-unknown',
  'place-twice',
  'place-empty',
  'map-too-large',
  'not-addressed',
  'no-place-asked',
  'other-building',
  'not-for-this-device',
  'shown-false',
  'shown-too-long',
  'matter-unknown',
  'own-matter',
  'matter-closed',
  'matters-full',
  'not-answerer',
  'already-taken-up',
  'said-enough',
  'not-an-organisation',
  'staff-full',
  'off-rate',
  'second-needed',
  'budget-spent',
  'nothing-left',
  'granted-already',
  'not-a-person',
  'list-unknown',
  'not-impartial',
  'no-fund',
  'budget-reduced',
  'in-dispute',
  'not-in-dispute',
  'own-deal',
  'nothing-owed',
  'corrected-enough',
  'activity-unknown',
  'own-activity',
  'activity-closed',
  'already-booked',
  'not-booked',
  'already-paid',
  'activities-full',
  'slip-mistyped',
  'slip-elsewhere',
  'slip-unknown',
  'slip-entered',
  'slip-paid',
  'slip-disowned',
  'slip-taken-back',
  'slip-not-yours',
  'not-the-desk',
  'card-mistyped',
  'card-unknown',
  'card-pin-wrong',
  'card-pin-too-soon',
  'cards-full',
  'form-mismatch',
  'category-unknown',
  'not-a-shop',
  'good-unknown',
  'good-over',
  'sold-out',
  'cap-reached',
  'own-good',
  'goods-full',
  'till-gone',
  'order-unknown',
  'order-over',
  'other-till',
  'pick-up-code-wrong',
  'slot-length',
  'slot-past',
  'slot-taken',
  'not-a-space',
  'slot-unknown',
  'slot-over',
  'slots-full',
  'group-unknown',
  'own-group',
  'not-in-group',
  'resource-unknown',
  'too-many',
  'not-acquainted',
  'not-named',
  'owner-stands',
  'not-kept',
  'aside-mismatch',
  'says-too-much',
  'not-a-proxy',
  'not-reviewed',
  'blocked',
  'thread-unknown',
  'nothing-shown',
  'picture-unfit',
  'introduction-unknown',
  'not-an-introducer',
  'drive-unknown',
  'drive-over',
  'own-drive',
  'care-full',
  'arrangement-unknown',
  'arrangement-stage',
  'own-proposal',
  'words-missing',
  'other-side',
  'day-ahead',
  'no-days',
  'arrangements-full',
  'pass-unknown',
  'pass-over',
  'no-building',
  'already-home',
  'not-saved',
  'bad-arguments',
  'unknown-name',
  'not-reachable',
  'store-unusable',
  'no-session',
  'foreign-page',
  'home-unknown',
  'home-untold',
  'homes-full',
  'unreadable-file',
  'columns-unknown',
  'unreadable-code',
  'locked',
  'pin-wrong',
  'pin-too-soon',
  'pin-weak',
  'lock-needs-sheet',
];

/** What is told unasked. */
export type Event =
  | { event: 'changed'; payload: Changed }
  | { event: 'notice'; payload: Notice }
  | { event: 'hidden'; payload: NoArgs };
