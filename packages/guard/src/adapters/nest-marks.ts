import {
  joinRequirements,
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from '../permissions/requirement.ts'

/** A decorator of methods and classes, as the compiler option `experimentalDecorators` calls it. */
export type Mark = (target: object, name?: string | symbol, member?: PropertyDescriptor) => void

/** The data of one mark: a requirement, or none if it opens a place to everybody. */
interface MarkData {
  readonly requirement: PreparedRequirement<unknown> | undefined
}

/** The joined marks of one route. */
export interface RouteMarks {
  /** Whether the route is open to everybody. */
  readonly isOpen: boolean
  readonly requirement: PreparedRequirement<unknown>
}

/** Opens a route to everybody. On a controller it opens the routes without a requirement of their own. */
export function Public(): Mark {
  return placeMark({ requirement: undefined })
}

/**
 * States the requirement of a route, or of all routes of a controller and of the controllers that extend it. Several
 * marks hold together, and so do those of an overridden method.
 * Throws: TypeError for a requirement that makes no sense.
 */
export function Require(requirement: Requirement<unknown>): Mark {
  return placeMark({ requirement: prepareRequirement(requirement) })
}

const ofClasses = new WeakMap<object, readonly MarkData[]>()
const ofFunctions = new WeakMap<object, readonly MarkData[]>()
/** Keyed by prototype and name, because a wrapping decorator replaces the function. */
const ofMethods = new WeakMap<object, Map<string | symbol, readonly MarkData[]>>()
/** Wrapping decorators copy metadata, and so do classes that replace others. */
const metadataKey = Symbol.for('countersign.guard.marks')

let placed = 0

/** Counts the marks of the process. A route collects its marks again when the count has changed. */
export function marksPlaced(): number {
  return placed
}

function placeMark(mark: MarkData): Mark {
  return (target, name, member) => {
    placed += 1
    if (typeof name === 'object')
      throw new TypeError('marks need the compiler option experimentalDecorators')
    if (name === undefined) {
      append(ofClasses, prototypeOf(target), mark)
      addMetadata(target, mark)
      return
    }
    const methods = ofMethods.get(target) ?? new Map<string | symbol, readonly MarkData[]>()
    ofMethods.set(target, methods)
    const marks = [...(methods.get(name) ?? []), mark]
    join(marks)
    methods.set(name, marks)
    if (typeof member?.value !== 'function') return
    append(ofFunctions, member.value, mark)
    addMetadata(member.value, mark)
  }
}

function append(place: WeakMap<object, readonly MarkData[]>, key: object, mark: MarkData): void {
  const marks = [...(place.get(key) ?? []), mark]
  join(marks)
  place.set(key, marks)
}

/** Joins the requirements of marks. Throws: TypeError for two requirements that exclude each other. */
function join(marks: readonly MarkData[]): PreparedRequirement<unknown> {
  return [...new Set(marks)]
    .flatMap(({ requirement }) => requirement ?? [])
    .reduce<PreparedRequirement<unknown>>(joinRequirements, prepareRequirement())
}

/**
 * Collects the marks of a route: those of its method, of overridden methods, of its controller and of the extended
 * ones. `@Public` counts on the method itself. On the controller it counts if no method has a requirement.
 * Throws: Error for a handler that cannot be matched with the marks of its controller.
 */
export function marksOf(handler: object, controller: object): RouteMarks {
  const levels = levelsOf(controller)
  const { level, names } = placeOf(handler, levels)
  const at = (each: object): readonly MarkData[] =>
    names.flatMap((name) => ofMethods.get(each)?.get(name) ?? [])
  const own = [
    ...(ofFunctions.get(handler) ?? []),
    ...metadataOf(handler),
    ...(level === undefined ? [] : at(level)),
  ]
  const overridden = levels.flatMap(at)
  const ownClass = [...(ofClasses.get(prototypeOf(controller)) ?? []), ...metadataOf(controller)]
  const classes = [...levels.flatMap((each) => ofClasses.get(each) ?? []), ...inherited(controller)]
  const isOpen = opens(own) || (!asks(own) && !asks(overridden) && opens(ownClass))
  return { isOpen, requirement: join([...own, ...overridden, ...ownClass, ...classes]) }
}

function asks(marks: readonly MarkData[]): boolean {
  return marks.some(({ requirement }) => requirement !== undefined)
}

/** A place with both kinds of marks is guarded. */
function opens(marks: readonly MarkData[]): boolean {
  return marks.length > 0 && !asks(marks)
}

/** The prototypes of a controller, its own first. */
function levelsOf(controller: object): readonly object[] {
  const levels: object[] = []
  let each: object | null = prototypeOf(controller)
  while (each !== null && each !== Object.prototype) {
    levels.push(each)
    each = Object.getPrototypeOf(each) as object | null
  }
  return levels
}

interface Place {
  /** The prototype that has the method; undefined if no name is known. */
  readonly level: object | undefined
  readonly names: readonly (string | symbol)[]
}

/** Finds a handler by its identity, else by its name. Functions that are bound to one instance keep the name. */
function placeOf(handler: object, levels: readonly object[]): Place {
  for (const level of levels) {
    const names = Reflect.ownKeys(level).filter(
      (name) => Reflect.getOwnPropertyDescriptor(level, name)?.value === handler,
    )
    if (names.length > 0) return { level, names }
  }
  const name = String(Reflect.get(handler, 'name') ?? '').replace('bound ', '')
  const level = levels.find((each) => name !== '' && Object.hasOwn(each, name))
  if (level !== undefined) return { level, names: [name] }
  const copied = placeOfMetadata(metadataOf(handler), levels)
  if (copied !== undefined) return copied
  if (levels.some((each) => ofMethods.has(each)))
    throw new Error('a handler cannot be matched with the marks of its controller')
  return { level: undefined, names: [] }
}

/** Finds a wrapper under another name by the marks that it copied. */
function placeOfMetadata(marks: readonly MarkData[], levels: readonly object[]): Place | undefined {
  for (const level of levels) {
    for (const [name, found] of ofMethods.get(level) ?? []) {
      if (found.some((mark) => marks.includes(mark))) return { level, names: [name] }
    }
  }
  return undefined
}

/** Collects the marks in the metadata of a controller and of the classes that it extends. */
function inherited(controller: object): readonly MarkData[] {
  const marks: MarkData[] = []
  let each: object | null = controller
  while (each !== null && each !== Function.prototype) {
    marks.push(...metadataOf(each))
    each = Object.getPrototypeOf(each) as object | null
  }
  return marks
}

function prototypeOf(target: object): object {
  const prototype: unknown = Reflect.get(target, 'prototype')
  return typeof prototype === 'object' && prototype !== null ? prototype : target
}

/** The used part of `reflect-metadata`, which Nest loads. */
interface MetadataApi {
  readonly defineMetadata?: (key: symbol, value: unknown, target: object) => void
  readonly getOwnMetadata?: (key: symbol, target: object) => unknown
}

function metadataOf(target: object): readonly MarkData[] {
  const marks = (Reflect as MetadataApi).getOwnMetadata?.(metadataKey, target)
  return Array.isArray(marks) ? (marks as readonly MarkData[]) : []
}

function addMetadata(target: object, mark: MarkData): void {
  const { defineMetadata } = Reflect as MetadataApi
  defineMetadata?.(metadataKey, [...metadataOf(target), mark], target)
}
