/** What the functions of mod_gearman made: common/gm_crypt.c with OpenSSL 3, and encrypt.go of its worker in Go. */

/** A service check, by C, with the key `should_be_changed`. */
export const JOB_BY_C: string = [
  'wuyIXMz+16Yrsk+RkDoGE1fxNhOE6U80BnfQ8yf1QP/+dKNhSDSNitIMg8mEi8b3uYuTFayFeU0psXCnCHBX9haR',
  'gaEMb5Xa4DElX9b8opPBlHLDJk77p3PtDcaCHf3xasQL9zOQ/IPFWY8UG9HngylSsoS3NgX0+3v2SP8YcD/Jqaru',
  'iEGpG7c9bJYCHtDyGdi1dQLPygmpWogKHaAWZmgK9GWVSEAUyQaNcUEa1O6DEB24EX+pntauVZn4YQHb3Kzs7bLG',
  'N6QZqoGO62CVgVCoWFz8I6NpigqS6duZFTvRt1lREZo8dDMenMw0gucy',
].join('')

/** The same with the key `exactly-32-bytes-of-key-material`. */
export const JOB_BY_C_WITH_32_BYTES: string = [
  'NSs+CnUgVvG1rxvJskgEMGvX6gA23ZeCUolczizXXejsQP/6jj7w5Yhm+gARU/IFvfW9ydGUqkaHEK/G0HW2ovRE',
  'W5NiGY6xipRKWojCaP5bq2L+2bWVJEaK/wNg97pwW0u0Yplq3XZMu1hea4315rykkEjXfssbQ49Gv7t8AIsyIyUj',
  'dS2UcFo54uH9+4dwrZQ0dVFgafbFmGh+A5w5VxSXdyfhLYCenPP5mMBDhJmWQJNAI9gIIIVnzT1/RFLe72xp99d5',
  'CiWq8GVghXDeG4yDXA/w82jhxFaf1xF36rBHD2+rD/ryFoWN9FDpqisn',
].join('')

/** The same with the key `a-password-that-is-longer-than-32-bytes-by-far`. */
export const JOB_BY_C_WITH_A_LONG_KEY: string = [
  'VJE8ilDB5wPv96C9X50tgVQKZF1l0eBAf/3F7uacwOk+NAt9rn1vDrEW0m4oADANucHrAcK62hCIVlM0MpLd3SI3',
  '81XKFZ1rSdWmwkMYwz9lDr74iOluZPMum7/0GQ362SM+ddbhGa6SbpNDqrxxSWji7PEo4rB0mhArN+rEFtnaSP36',
  '0CP+WcFOnd7pZnWLi1Eh2nCcSnNVcYCoe6qPkqlQYJT/I/stSF2rDiZXTARWKFErWIBCmPhT/H1E2tMB4gvlgH49',
  'KAYFdkhxGCjHb4S9pJWbtfiQBae1qJ3GgWpFuRN1peZTYZIVh4fHWFHU',
].join('')

/** The result of a service check, by Go, with the key `should_be_changed`. */
export const RESULT_BY_GO: string = [
  'C4m4NstzDThuVhAb4jdtyHxirvhQcTA19NyZlEsTN55tzcTjslVjFDkCPKwWDO79oRVWr6/jbzpMl5ZW5ZdrKAHi',
  'WGBE2sh7djHCz+HPceg+mV6esB7IIGMFPJxnu1MjSMfhJ8kyAFFHVynqkVkHA3JOzPH67N8krmLlv+t5aGazHWFv',
  '80EWHSKI4pcrJDyomxINQBjkozLQPNd1h0dkfQ1zVBfk1/rGpS0FxrLkBZHGJCa88jApMqrPW2QlPnPFkt2tsSbv',
  'iEDjRTuuFIQ/oVLuUTlQfQo7e6/ux1LCuni552NgkaIW1nc08NoqLdQxZL0IjpyG0VJxZiz83JUmilhZWUUlakKY',
  'K/alSMeOMvg=',
].join('')
