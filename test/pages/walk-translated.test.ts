import { describeWalk } from './walk-rows.ts'
import { arabicTour, germanTour } from './walk.ts'

describeWalk([germanTour, arabicTour])
