import { attributesOf, type PythonClassReader } from './class-registry.ts'
import { PyComplex, PyDecimal, PyUUID } from './python-numbers.ts'
import { checkCount, numberArgument, stringArgument } from './reader-checks.ts'

const NIL = '0'.repeat(32)

/** Numbers that have no opcode, and UUIDs, which Python keeps as numbers. */
export const NUMBER_CLASSES: Readonly<Record<string, PythonClassReader>> = {
  'builtins.complex': {
    make: ([real = 0, imag = 0]) => new PyComplex(numberArgument(real), numberArgument(imag)),
  },
  'decimal.Decimal': {
    make: (args) => {
      checkCount(args, 1, 1)
      return new PyDecimal(stringArgument(args[0]))
    },
  },
  'uuid.UUID': {
    make: ([hex]) => new PyUUID(hex === undefined ? NIL : stringArgument(hex)),
    setState: (uuid, state) => {
      const value = attributesOf(state).find(([name]) => name === 'int')?.[1]
      if (typeof value !== 'bigint' && typeof value !== 'number') {
        throw new TypeError('it has no number')
      }
      if (!(uuid instanceof PyUUID) || value < 0) throw new TypeError('its number is negative')
      uuid.text = new PyUUID(value.toString(16).padStart(NIL.length, '0')).text
    },
  },
}
