import { accountAddress } from '../pages/account-address.ts'
import { accountLevelOf } from '../store/port/factor-records.ts'
import { accountAnswers, accountFormFields, languageParameter } from './account-reference.ts'
import { accountFormHandler, accountPageHandler, type AccountServices } from './account-visitor.ts'
import { defineEndpoint } from './endpoint.ts'
import { noticeFactorChange } from './factor-notices.ts'
import { pageAnswers } from './page-answers.ts'
import type { Services } from './services.ts'
import { servicesOf } from './services-of.ts'
import { redirectTo } from './visitor.ts'

const path = '/account/security/recovery-codes'

/** Asks before a new set of recovery codes takes the place of the old one. */
export const newCodesPageEndpoint = defineEndpoint({
  method: 'GET',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Asks before new recovery codes are made.',
    parameters: [languageParameter],
    answers: accountAnswers(),
  },
  make: (services: AccountServices) =>
    accountPageHandler(services, { why: 'factor' }, async ({ visitor, frame, formValue, lang }) => {
      if (accountLevelOf(visitor.factors) === '1')
        return redirectTo(accountAddress('/account/security', lang))
      const left = visitor.factors.recoveryCodesLeft
      const pages = await servicesOf(services).loadPages()
      return pages.newCodes({ ...frame, formValue, left }, lang)
    }),
})

/** Makes new recovery codes, and shows them once. Former ones end. */
export const newCodesEndpoint = defineEndpoint({
  method: 'POST',
  path,
  needsBrowsers: true,
  isPage: true,
  reference: {
    summary: 'Makes new recovery codes, and shows them once.',
    body: accountFormFields([]),
    answers: [
      { status: 303, about: 'The account has no second factor.', headers: ['Location'] },
      ...pageAnswers([[200, 'The page shows the codes once.']]),
    ],
  },
  make: (services: AccountServices & Pick<Services, 'mail'>) =>
    accountFormHandler(services, { pageAt: path, why: 'factor' }, async (sent) => {
      const { secondFactors, store, loadPages } = servicesOf(services)
      const { visitor, frame, lang } = sent
      const { userId, family } = visitor.found.record
      const codes = secondFactors.newCodes(userId)
      const mails = await noticeFactorChange(sent, 'codes_made', services)
      const actor = { userId, sid: family.sid }
      const outcome = await store.factors.replaceCodes(codes.hashes, actor, mails, visitor.audit)
      if (outcome === 'gone') return redirectTo(accountAddress('/account/security', lang))
      return (await loadPages()).recoveryCodes(
        { ...frame, codes: codes.shown, isSetUp: false },
        lang,
      )
    }),
})
