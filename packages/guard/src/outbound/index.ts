export {
  defaultFetchLimits,
  fetchDocument,
  isAllowedAddress,
  type FetchedDocument,
  type FetchRefusal,
} from './fetch-document.ts'
export { isPrivateAddress } from './private-host.ts'
