import {
  joinRequirements,
  prepareRequirement,
  type PreparedRequirement,
  type Requirement,
} from '../permissions/requirement.ts'

/** A decorator of methods and classes, as `experimentalDecorators` calls it. */
export type Mark = (target: object, name?: string | symbol, member?: PropertyDescriptor) => void

/** One mark: a requirement, or none where it opens the place. */
interface Atom {
  readonly requirement: PreparedRequirement<unknown> | undefined
}

/** Everything that is asked of the callers of one route. */
export interface RouteMarks {
  /** Whether the route is open to everybody. */
  readonly isOpen: boolean
  readonly requirement: PreparedRequirement<unknown>
}

/** Opens a route, or those of a controller that ask for nothing themselves, to everybody. */
export function Public(): Mark {
  return placeMark({ requirement: undefined })
}

/**
 * States what a route, or every route of a controller and of those that extend it, asks of its caller. Of several
 * marks all hold, those of an overridden method too.
 * Throws: TypeError for a requirement that makes no sense.
 */
export function Require(requirement: Requirement<unknown>): Mark {
  return placeMark({ requirement: prepareRequirement(requirement) })
}

const ofClasses = new WeakMap<object, readonly Atom[]>()
const ofFunctions = new WeakMap<object, readonly Atom[]>()
/** By the prototype and the name, because a wrapping decorator puts another function there. */
const ofMethods = new WeakMap<object, Map<string | symbol, readonly Atom[]>>()
/** Wrapping decorators copy metadata, and classes that replace others do. */
const metadataKey = Symbol.for('countersign.guard.marks')

let placed = 0

/** The number of marks that were placed so far: what was collected before another one came is collected again. */
export function marksPlaced(): number {
  return placed
}

function placeMark(atom: Atom): Mark {
  return (target, name, member) => {
    placed += 1
    if (typeof name === 'object')
      throw new TypeError('marks need the compiler option experimentalDecorators')
    if (name === undefined) {
      append(ofClasses, prototypeOf(target), atom)
      addMetadata(target, atom)
      return
    }
    const methods = ofMethods.get(target) ?? new Map<string | symbol, readonly Atom[]>()
    ofMethods.set(target, methods)
    const atoms = [...(methods.get(name) ?? []), atom]
    join(atoms)
    methods.set(name, atoms)
    if (typeof member?.value !== 'function') return
    append(ofFunctions, member.value, atom)
    addMetadata(member.value, atom)
  }
}

function append(place: WeakMap<object, readonly Atom[]>, key: object, atom: Atom): void {
  const atoms = [...(place.get(key) ?? []), atom]
  join(atoms)
  place.set(key, atoms)
}

/** Joins the requirements of marks. Throws: TypeError for two that exclude each other. */
function join(atoms: readonly Atom[]): PreparedRequirement<unknown> {
  return [...new Set(atoms)]
    .flatMap(({ requirement }) => requirement ?? [])
    .reduce<PreparedRequirement<unknown>>(joinRequirements, prepareRequirement())
}

/**
 * Collects the marks of a route: of its method, of the methods that it overrides, and of the controller with all that
 * it extends. `@Public` counts on the method itself, or on the controller where no method asks for anything.
 * Throws: Error where a handler cannot be matched with the marks of its controller, so that none is left out.
 */
export function marksOf(handler: object, controller: object): RouteMarks {
  const levels = levelsOf(controller)
  const { level, names } = placeOf(handler, levels)
  const at = (each: object): readonly Atom[] =>
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

function asks(atoms: readonly Atom[]): boolean {
  return atoms.some(({ requirement }) => requirement !== undefined)
}

/** Where one place has both kinds of marks, it is guarded. */
function opens(atoms: readonly Atom[]): boolean {
  return atoms.length > 0 && !asks(atoms)
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
  /** The prototype that has the method; absent where no name is known. */
  readonly level: object | undefined
  readonly names: readonly (string | symbol)[]
}

/** Finds a handler by its identity, else by its name, which functions that are made for one instance keep. */
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

/** Finds a wrapper that has another name by the marks that it copied. */
function placeOfMetadata(atoms: readonly Atom[], levels: readonly object[]): Place | undefined {
  for (const level of levels) {
    for (const [name, marks] of ofMethods.get(level) ?? []) {
      if (marks.some((mark) => atoms.includes(mark))) return { level, names: [name] }
    }
  }
  return undefined
}

/** The marks that classes carry as metadata, those that a controller extends included. */
function inherited(controller: object): readonly Atom[] {
  const atoms: Atom[] = []
  let each: object | null = controller
  while (each !== null && each !== Function.prototype) {
    atoms.push(...metadataOf(each))
    each = Object.getPrototypeOf(each) as object | null
  }
  return atoms
}

function prototypeOf(target: object): object {
  const prototype: unknown = Reflect.get(target, 'prototype')
  return typeof prototype === 'object' && prototype !== null ? prototype : target
}

/** The part of `reflect-metadata` that Nest brings along. */
interface MetadataApi {
  readonly defineMetadata?: (key: symbol, value: unknown, target: object) => void
  readonly getOwnMetadata?: (key: symbol, target: object) => unknown
}

function metadataOf(target: object): readonly Atom[] {
  const atoms = (Reflect as MetadataApi).getOwnMetadata?.(metadataKey, target)
  return Array.isArray(atoms) ? (atoms as readonly Atom[]) : []
}

function addMetadata(target: object, atom: Atom): void {
  const { defineMetadata } = Reflect as MetadataApi
  defineMetadata?.(metadataKey, [...metadataOf(target), atom], target)
}
