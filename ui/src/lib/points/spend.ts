import type { Account } from '$backend';

/** What this device can sign away now: within its rights, and within what may be unseen. */
export function spendable(account: Account): number {
  return Math.max(0, Math.min(account.rights, account.quota - account.unseen));
}
