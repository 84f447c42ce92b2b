import { PickleDataEncoder, type PickleOptions } from 'gearman-sdk'

/** The counterpart of `shop.Point`: what Python keeps as attributes. */
export class Point {
  x: unknown
  y: unknown
}

/** The counterpart of `shop.Fraction`: what Python calls with arguments. */
export class Fraction {
  readonly numerator: number | bigint
  readonly denominator: number | bigint

  constructor(numerator: number | bigint, denominator: number | bigint) {
    this.numerator = numerator
    this.denominator = denominator
  }
}

/** An encoder that knows the classes of partner.py. */
export function shopEncoder(options?: PickleOptions): PickleDataEncoder {
  return new PickleDataEncoder(options)
    .registerClass({
      module: 'shop',
      name: 'Point',
      type: Point,
      decode: () => new Point(),
      encode: ({ x, y }) => ({ state: { x, y } }),
    })
    .registerClass({
      module: 'shop',
      name: 'Fraction',
      type: Fraction,
      decode: ([numerator, denominator]) =>
        new Fraction(numerator as number | bigint, denominator as number | bigint),
      encode: ({ numerator, denominator }) => ({ args: [numerator, denominator] }),
    })
}
