import type { Deal } from '$backend';

/** Who has signed the step under way: what shows as a seal, and as an empty square. */
export function signedBy(deal: Deal): { giver: boolean; receiver: boolean } {
  const givesIt = (member: string) => member === deal.giver.member;
  switch (deal.stage) {
    case 'answered':
    case 'called-off':
    case 'lost':
      return { giver: givesIt(deal.answerer.member), receiver: !givesIt(deal.answerer.member) };
    case 'done':
      return { giver: true, receiver: true };
    default: {
      // Nobody has confirmed the next step: both signed that it was agreed.
      const none = !deal.giver_confirmed && !deal.receiver_confirmed;
      return { giver: none || deal.giver_confirmed, receiver: none || deal.receiver_confirmed };
    }
  }
}
