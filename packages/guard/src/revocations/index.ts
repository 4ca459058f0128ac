export { readChain } from './chain.ts'
export {
  feedTypes,
  messageBytesMax,
  pageEntriesMax,
  parseFeedMessage,
  type EntryKind,
  type FeedMessage,
  type WireEntry,
} from './entries.ts'
export {
  createLiveIndex,
  type LiveIndex,
  type IndexedFacts,
  type RevocationVerdict,
} from './live-index.ts'
export { feedMetadata } from './feed-port.ts'
