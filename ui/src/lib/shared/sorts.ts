/** Forms, topics and categories of what is listed: their words, and how they hang together. */
import type { AddedCategory, Form, Kind, Listing, Topic } from '$backend';
import { m } from '$messages';

export const topics: readonly Topic[] = ['history', 'region', 'humanities', 'science', 'health', 'law', 'other-topic'];

const forms: Partial<Record<Kind, readonly Form[]>> = {
  knowledge: ['training', 'talk', 'lecture', 'one-to-one'],
  skill: ['mutual', 'repair', 'teaching', 'holiday', 'counselling', 'arts'],
  space: ['deliberation', 'culture', 'community-service', 'study', 'other-use'],
};

/** The forms that a kind has; none for things and time. */
export function formsOf(kind: Kind | null | undefined): readonly Form[] {
  return (kind && forms[kind]) ?? [];
}

export function formWord(form: Form): string {
  return {
    training: m.form_training, talk: m.form_talk, lecture: m.form_lecture, 'one-to-one': m.form_one_to_one,
    mutual: m.form_mutual, repair: m.form_repair, teaching: m.form_teaching, holiday: m.form_holiday,
    counselling: m.form_counselling, arts: m.form_arts, deliberation: m.form_deliberation, culture: m.form_culture,
    'community-service': m.form_community_service, study: m.form_study, 'other-use': m.form_other_use,
  }[form]();
}

/** What a form is called beside its kind: a space has a purpose. */
export function formLabel(kind: Kind | null | undefined): string {
  return kind === 'space' ? m.sort_purpose() : m.sort_form();
}

export function topicWord(topic: Topic): string {
  return {
    history: m.topic_history, region: m.topic_region, humanities: m.topic_humanities, science: m.topic_science,
    health: m.topic_health, law: m.topic_law, 'other-topic': m.topic_other,
  }[topic]();
}

/** The nine classes and the two items that each building has of each. */
export const classes = [
  { name: 'tools', word: m.class_tools, items: [['hand-tools', m.category_hand_tools], ['power-tools', m.category_power_tools]] },
  { name: 'home', word: m.class_home, items: [['furniture', m.category_furniture], ['appliances', m.category_appliances]] },
  { name: 'kitchen', word: m.class_kitchen, items: [['cookware', m.category_cookware], ['feasts', m.category_feasts]] },
  { name: 'children', word: m.class_children, items: [['baby-things', m.category_baby_things], ['toys', m.category_toys]] },
  { name: 'reading', word: m.class_reading, items: [['books', m.category_books], ['stationery', m.category_stationery]] },
  { name: 'leisure', word: m.class_leisure, items: [['sport', m.category_sport], ['music-and-games', m.category_music_and_games]] },
  { name: 'clothing', word: m.class_clothing, items: [['clothes', m.category_clothes], ['festive-clothes', m.category_festive_clothes]] },
  { name: 'care', word: m.class_care, items: [['walking-aids', m.category_walking_aids], ['care-things', m.category_care_things]] },
  { name: 'outdoors', word: m.class_outdoors, items: [['travel', m.category_travel], ['plants-and-camping', m.category_plants_and_camping]] },
] as const;

/** The word of a category, or of a whole class; nothing for one that is not known here. */
export function categoryWord(category: string | null | undefined, added: readonly AddedCategory[]): string | undefined {
  const whole = classes.find((one) => one.name === category);
  if (whole) return whole.word();
  const item = classes.flatMap((one) => [...one.items]).find(([name]) => name === category);
  return item ? item[1]() : added.find((one) => one.category === category)?.name;
}

/** What is told of a listing beside its kind: form and topic. */
export function sortWords(listing: Pick<Listing, 'form' | 'topic'>): string[] {
  return [listing.form ? formWord(listing.form) : undefined, listing.topic ? topicWord(listing.topic) : undefined].filter((word) => word !== undefined);
}
