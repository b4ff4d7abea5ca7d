/** The two texts that devices show each other as QR codes: an invitation, and a device's own slip for being linked. */

const TICKET = /KAIFONG1[0-9A-Za-z]+/;
const ID = /\b[0-9a-f]{32,64}\b/i;
const SLIP = /\b([0-9a-f]{64})\b\W+([0-9a-f]{64})\b/i;
/** Crockford's base 32, as people type it. */
const CODE = /^[0-9A-Z]{12}$/;

export interface Invitation {
  /** The ticket, or the short code in its usual shape. */
  text: string;
  ticket: boolean;
  /** Whose further device is asked for, if that is told. */
  member?: string | undefined;
}

/** Finds the invitation in what was scanned, pasted or typed: a ticket, a link with one, or a short code. */
export function readInvitation(said: string): Invitation | undefined {
  const ticket = TICKET.exec(said)?.[0];
  if (ticket) return { text: ticket, ticket: true, member: ID.exec(said.replace(ticket, ' '))?.[0].toLowerCase() };
  const [first = '', ...rest] = said.trim().split(/\s+(?=[0-9a-f]{32,64}$)/i);
  const code = first.replace(/[\s-]/g, '').toUpperCase();
  if (!CODE.test(code) || /U/.test(code)) return undefined;
  return { text: code.replace(/(.{4})(?=.)/g, '$1-'), ticket: false, member: rest[0]?.toLowerCase() };
}

/** What the QR for a further device holds: an invitation, and whose device it will be. */
export function invitationFor(ticket: string, member: string): string {
  return `${ticket} ${member.toUpperCase()}`;
}

export interface Slip {
  device: string;
  seal: string;
}

/** What a device shows that wants to be linked. Capitals make a smaller code. */
export function slipText({ device, seal }: Slip): string {
  return `KAIFONG-DEVICE ${device.toUpperCase()} ${seal.toUpperCase()}`;
}

export function readSlip(said: string): Slip | undefined {
  const [, device, seal] = SLIP.exec(said) ?? [];
  return device && seal ? { device: device.toLowerCase(), seal: seal.toLowerCase() } : undefined;
}

/** An id for people to compare: its first digits in fours. */
export function idStart(id: string): string {
  return id.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ');
}
