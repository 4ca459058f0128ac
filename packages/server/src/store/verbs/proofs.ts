import type { ProofVerbs } from '../port/proof-verbs.ts'
import type { Driver } from '../port/verb.ts'
import { changeAddress, undoAddress } from './change-address.ts'
import { proveFactor } from './prove-factor.ts'
import { acceptInvite, invite } from './invitations.ts'
import { choosePassword, signUp, verifyAddress } from './sign-up.ts'

/** The verbs of sign-up, of proven addresses, of chosen passwords and of invitations. */
export function proofVerbs({ write }: Driver): ProofVerbs {
  return {
    signUp: (one, audit) => write(() => signUp(one, audit)),
    verifyAddress: (proof, audit) => write(() => verifyAddress(proof, audit)),
    proveFactor: (proven, next, audit) => write(() => proveFactor(proven, next, audit)),
    choosePassword: (key, password, mail, audit) =>
      write(() => choosePassword(key, password, mail, audit)),
    changeAddress: (change, audit) => write(() => changeAddress(change, audit)),
    undoAddress: (linkHash, next, audit) => write(() => undoAddress(linkHash, next, audit)),
    invite: (ticket, mail, audit) => write(() => invite(ticket, mail, audit)),
    acceptInvite: (linkHash, invitee, audit) => write(() => acceptInvite(linkHash, invitee, audit)),
  }
}
