import { getLocale } from '../../paraglide/runtime.js';
import type { Addressee, Matter, MatterKind, MatterSaid, MatterStage, PutTo, Speaking, Voice } from '$backend';
import { m } from '$messages';
import { nameOf } from '$shared/words';

/** The longest matter, answer and remark, in characters. */
export const MATTER_CHARS_MAX = 1000;
export const RESPONSE_CHARS_MAX = 1000;
export const REMARK_CHARS_MAX = 300;

export const matterKinds: readonly MatterKind[] = ['question', 'complaint', 'help', 'suggestion'];

export function matterKindWord(kind: MatterKind): string {
  return { question: m.hall_question, complaint: m.hall_complaint, help: m.hall_help, suggestion: m.hall_suggestion }[kind]();
}

export function stageWord(stage: MatterStage): string {
  return {
    waiting: m.hall_stage_waiting, heard: m.hall_stage_heard, answered: m.hall_stage_answered, solved: m.hall_stage_solved,
    withdrawn: m.hall_stage_withdrawn,
  }[stage]();
}

/** How a stage looks: what still waits for somebody is amber, what was answered asks its asker, what is solved is green. */
export function stageTone(stage: MatterStage): 'wait' | 'turn' | 'done' | 'off' {
  return ({ waiting: 'wait', heard: 'wait', answered: 'done', solved: 'done', withdrawn: 'off' } as const)[stage];
}

export function voiceWord(voice: Voice): string {
  return {
    official: m.capacity_official, answerer: m.role_answerer, 'property-firm': m.hall_voice_property, 'committee-office': m.hall_voice_committee,
    addressed: m.hall_voice_addressed,
  }[voice]();
}

/** As what somebody speaks, in one line; one who speaks so no longer did when they answered. */
export function voicesWord(voices: readonly Speaking[]): string {
  return voices.map(({ voice, now }) => (now ? voiceWord(voice) : m.hall_voice_once({ voice: voiceWord(voice) }))).join(m.shared_and());
}

export function saidWord(said: MatterSaid): string {
  return {
    'take-up': m.hall_said_take_up, answer: m.hall_said_answer, reply: m.hall_said_reply, solved: m.hall_said_solved, 'not-yet': m.hall_said_not_yet,
  }[said]();
}

export function addresseeWord(to: Exclude<Addressee, 'member'>): string {
  return {
    officials: m.hall_to_officials, 'property-firm': m.hall_to_property, 'committee-office': m.hall_to_committee, answerers: m.hall_to_answerers,
  }[to]();
}

/** Whom a matter is put to. */
export function toWord(to: PutTo | null | undefined): string {
  if (!to) return m.hall_to_everybody();
  return to.to === 'member' ? (to.person ? nameOf(to.person) : '') : addresseeWord(to.to);
}

const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long something took: "2天", "5小时"; less than a minute is one. */
export function lasted(ms: number): string {
  const [unit, length] = STEPS.find(([, length]) => ms >= length) ?? ['minute', 60_000];
  return new Intl.NumberFormat(getLocale(), { style: 'unit', unit, unitDisplay: 'long' }).format(Math.max(1, Math.floor(ms / length)));
}

/** How long a matter has been waiting, or how long it took. */
export function timeWord(matter: Matter, now: number): string {
  const { stage, put_at, open_since, answered_at, solved_at, reopened } = matter;
  if (stage === 'withdrawn') return m.hall_time_withdrawn();
  if (stage === 'waiting' || stage === 'heard') {
    const waited = lasted(Math.max(0, now - open_since));
    return reopened > 0 ? m.hall_time_again({ time: waited }) : m.hall_time_waits({ time: waited });
  }
  if (stage === 'solved' && solved_at != null) return m.hall_time_solved({ time: lasted(Math.max(0, solved_at - put_at)) });
  return answered_at == null ? '' : m.hall_time_answered({ time: lasted(Math.max(0, answered_at - put_at)) });
}
