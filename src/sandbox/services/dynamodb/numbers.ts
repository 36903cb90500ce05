/**
 * DynamoDB's numbers: decimals of up to 38 significant digits, exact, from 1E-130 to 9.99...E+125, kept as plain decimal strings.
 * Source: DynamoDB Developer Guide, "Data type descriptors: Number".
 */

import { validation } from './validation.ts';

/** `coefficient` times ten to the `exponent`; the coefficient has no trailing zeros. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const precision = 38;

/** Parses, checks the range and writes the number as DynamoDB answers it: no exponent, no needless zeros. */
export const canonicalNumber = (text: string): string => written(checked(parsed(text)));

export const compareNumbers = (left: string, right: string): number => {
  const [a, b] = aligned(parsed(left), parsed(right));
  return a < b ? -1 : a > b ? 1 : 0;
};

export const addNumbers = (left: string, right: string): string => sum(parsed(left), parsed(right));

export const subtractNumbers = (left: string, right: string): string => {
  const { coefficient, exponent } = parsed(right);
  return sum(parsed(left), { coefficient: -coefficient, exponent });
};

function sum(left: Decimal, right: Decimal): string {
  const [a, b, exponent] = aligned(left, right);
  return written(checked(normal({ coefficient: a + b, exponent })));
}

function parsed(text: string): Decimal {
  const match = /^([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(text);
  const [, sign = '', whole = '', fraction = '', power = '0'] = match ?? [];
  if (match === null || whole + fraction === '') {
    throw validation(
      text === ''
        ? 'The parameter cannot be converted to a numeric value'
        : `The parameter cannot be converted to a numeric value: ${text}`,
    );
  }
  const coefficient = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return normal({ coefficient, exponent: Number(power) - fraction.length });
}

function normal({ coefficient, exponent }: Decimal): Decimal {
  if (coefficient === 0n) return { coefficient, exponent: 0 };
  const digits = coefficient.toString();
  const zeros = /0*$/.exec(digits)?.[0].length ?? 0;
  return { coefficient: BigInt(digits.slice(0, digits.length - zeros)), exponent: exponent + zeros };
}

function checked(decimal: Decimal): Decimal {
  const digits = digitsOf(decimal).length;
  if (decimal.coefficient === 0n) return decimal;
  const magnitude = digits + decimal.exponent - 1;
  if (magnitude > 125) {
    throw validation('Number overflow. Attempting to store a number with magnitude larger than supported range');
  }
  if (magnitude < -130) {
    throw validation('Number underflow. Attempting to store a number with magnitude smaller than supported range');
  }
  if (digits > precision) {
    throw validation('Attempting to store more than 38 significant digits in a Number');
  }
  return decimal;
}

function written(decimal: Decimal): string {
  const digits = digitsOf(decimal);
  const sign = decimal.coefficient < 0n ? '-' : '';
  if (decimal.exponent >= 0) return `${sign}${digits}${'0'.repeat(decimal.exponent)}`;
  const padded = digits.padStart(1 - decimal.exponent, '0');
  const point = padded.length + decimal.exponent;
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
}

/** Both coefficients at the smaller exponent. */
function aligned(left: Decimal, right: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(left.exponent, right.exponent);
  const scaled = (decimal: Decimal) => decimal.coefficient * 10n ** BigInt(decimal.exponent - exponent);
  return [scaled(left), scaled(right), exponent];
}

const digitsOf = ({ coefficient }: Decimal): string => coefficient.toString().replace('-', '');
