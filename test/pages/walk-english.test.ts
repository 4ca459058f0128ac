import { describeWalk } from './walk-rows.ts'
import { englishTour, scriptlessTour } from './walk.ts'

describeWalk([englishTour, scriptlessTour])
