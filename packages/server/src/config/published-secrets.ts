import { createHash } from 'node:crypto'

/**
 * Tells whether a secret stands in lists that attackers try first.
 * Why: kept as the first five bytes of each SHA-256, so that the list itself is not in here; a strong secret is taken for
 * one of them once in a thousand million times.
 */
export function isPublishedSecret(secret: string): boolean {
  const wanted = hashOf(secret)
  let low = 0
  let high = bytes.length / width
  while (low < high) {
    const middle = (low + high) >> 1
    const order = Buffer.compare(bytes.subarray(middle * width, middle * width + width), wanted)
    if (order === 0) return true
    if (order < 0) low = middle + 1
    else high = middle
  }
  return false
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest().subarray(0, width)
}

const width = 5
const packed =
  'ABQei3AAME3SPQBKbcgbAMp/S3EA7BtHVwG9QpB6Ae5ILqoCMmTUCwJP71uYAoYjNP4Czd0QSgL74Ee0A13kIW8DrGdC' +
  'FgPnxEaEBOAbbIoFe6A9bAWRV29eBZoAGSUGcBGRJAZw6oO0Bn0xBoUHJZ86pQe+lX2lB/u983wITxFW9AhmpurqCMus' +
  '/ckI1tLxBwkhsiWxCTJyhXMJXF0s0glgRKjTCbrkY54KYqpV6Api0jbhCoJBhgEKqzYVfwtKEmI9C3YJwJ0L80+nYAxE' +
  'psaEDGU3660MaPTKzwx2Kq6mDPw8Wl0M/7wvJw0Ev+t9DQfcSoINVbjLpQ1+WOTbDftTVeEOhhuAQw9R2/OTD5cEY3IP' +
  'yV0rNA/rF3KZEAJ2Kv8Q3Wc/ZhGVWA5OEaZ2fVYRx+BB+hHZJezeElt2b2wShCjFURKOJiMdEpUhehUS0QuWDhLSfhBq' +
  'E0Vj1OQTaoGM2hOJku4DE71/hzEUB+BjXxRJKqkkFUab52sVkDkGsRWpHP9oFbm/Wn8VvAEwGBXisNPDFexKgA4WYphA' +
  'BxaKBmUlFvwlqXcW/gzc5RcPVmD+FysjPKAXSfjIZRdOHDWfF4JI44MYA/712hhfjbMiGG2MSqYZMRWlThlEBaG9GaMi' +
  'CV0Z8i3HQxo98o/gGoDW8iwa5J23+Bs+j5m2G73ORkkbz1lU7xvjJsx6HE2OYVgcf/l9uhysEdVaHK9L83Qc7dRSTh0X' +
  '1UesHStljN4daiZe8R2SbCQWHgieFLceXoiDZR8BC447HwHonCQfB8tDoh9eOOyVH+9iaeof/f5yzSAN6xuUIGx7w8Yg' +
  'jZJoQiDsbzN2IP32TaMhG+xFfCG2p5gyIboBUxkiVX7wziNj8sZyI2d+dGojbUjTdyNubrN2I58HaS8jvTuO+SP5nTai' +
  'JE69ZLkkvhGaziTGyM8dJSoT+JgmFFL0aSYcw+OaJjbqcC0mU6z7XSZ74t8gJ20SZ80ncnAw9ieDuD7TJ69ScQsoE4kT' +
  'oShi+f3qKKJoJWwouB0vLijm1KTlKOx0+AMpO5OZ6SlcwwuDKV9NPQApvV+TwSpuLRubKoYQrv0rFPhyOiuRCB8rK5OF' +
  '0iEruA1TeywmtGtoLOLNyOgs8Bf7Ci0I+MvyLTFFlektR3qWYS1buq9jLgDvu6MuQJC24y72BzLBL5J9sZ4wGvtydzE0' +
  'DnQAMZ0IQ9kxroHIazHLt4RdMgHhqM8yHwVMQTIsTFoBMtps/0sy9XlExzL9GwQFMycu0tAz85F+DzRE7lQYNE+JDYI0' +
  'Y0mTTDRt9eK6NHIRe4Y0seswoDT0YBvuNSJNDTQ1OUd3CzVB9qoJNVziKsI1X/X4sjW/Mu3uNefXSAU2BqiVgzY2cxJ+' +
  'NrV6N1M3JFoBoTeA88yEN6dBzsU3zWJp+Dfp1GE3OELSL/c4o9tS0zisc4vGONHQimA5sm54Lzm/jMk/OgGrMy86CTFY' +
  'DTpVJLfSOl/cfyk6ZGHpFDp0NwZ0OsGs3RQ6604XuDsFG8xaOwwPY5Q7PFrSTjvsFlDMPDOsINo8Rp6dbDypYyZGPRHq' +
  'AOU9KQW4kz1LfiLPPYI/VsI9kdc5/D2Vx6cUPdsJqys+cyhpvz56f5vdPprEU/0+q3edjz7bBSriPx4zY2w/c4/iAj/O' +
  'R15WQDh3PHZAumPYbEEXFG8EQRw2SupBfDM5H0GT6VGqQaLD20JCDUTE10JDnq3vQtc5qytD7CcGR0Qsvz/fRIwdjmFE' +
  'oW236kSyd+6PRLPV2v1GAPAHBEZMLRKuRrKRDudHHPYKxkdaFdeIR3skzYxHi1yOTke1Lsh2R9HYJzdIGSL0+kg+2FKi' +
  'SEDNAMxIQQmxeUjOWxKjSM7FdRBJMPyYj0kzu5PVSgfHscxKF98Os0pCJDbkSmgbm/JK9CsY7UsT/Xc9SxV/wNxLs9+f' +
  'C0xHm0c/TNbbzO9NJui5RE3Yqo5MTduGr6lN/Zb9u075VccPTwhmQelPLJv6Wk9U5TwpT4ofqPdPmLi2l1AQh5uEUCLT' +
  '+55QMenOC1Bp+boUUG7W7hhQlyXp6lC/7knHUNbUyjpRR/HFClIfxqnYUi2HUiNS0c5m3VL62OuhUvsMAlFTXPgeGFNh' +
  'aGhkU4jLbkZTr7h3cFP4BBtSU//c0mBUBjjAK1Rhtm9kVKBST+JUwUVNkFTWJuCMVUH2CF5VRgE5I1Wka3JwVbRtICdV' +
  'tPTJmVX9/L4HVhHU5WhWJ/xBFFY5lkllVoy0PYBWk5zQYla0aHWlVw2tQ95XNGt0/VdBsiI0WD5pttJYcGLmQlip0vp6' +
  'WPQXcZFZlEcau1m5pWgVWlZEXfxaatUC21qUW+EUWsqFWiha2pHBP1sRYYwuW4QpLIpb1jyMKFv80/8rXFN5U5pdynAU' +
  '714lIAS0XlXz1uFeiEiY2l6iHe5wXsg1sutfEuRqrl8q1P+pX8T95yxf3ymOmmBJrVDYYPeYemNhcShWJmGnzjvjYbMK' +
  'fcxhvkcmz2J6vJrsYo0gemRjUILVKWNin7AuY8F5gMJkMigNLmTS3OVWZPa9Q1pl/5u/gWbEAcSYZymuhCtnXRRD3meQ' +
  'hwTkZ7rgw2hoFtfv+WhZ7glyaH+XQ/lorJfXAWjfz9wWaPxWsPxpAk8h6WkIsELAaWkjgNJp2GULzGnbfOZVaoBlnspq' +
  'h6o9Z2rjDjXHawO+XgFrir2GuWvBfIrBa8vIsyZsFeVb8Wwed41GbEc89ilsXxOtwWxfG4Y6bI7C1TBsunnbfmy7pvAn' +
  'bOJ1pbhtmU2d0m3WrgZlbd7BofNudPySCG6yWrlybv6cX1FvEx564W8gLrhlb289QjZvp3/nuG/HrlDScAXY7ptwCRYY' +
  '2XA4CSMncHFHXYxwk98jlHDrbI/wcRvNhyBxo4SMlnGsqQGUchh9FMZyPxV8zHJPVfY1cnpoF3tyeoJ8rHK5II5ocsyB' +
  '9Mly4Dy6UHLvkiFPcvVS31Fy9rpm63MB1+ircz2NeLpz+aGO53QescF1dE+EI6900yAlt3UwS2SXdTkAIvN1PXNxdHVu' +
  'aX2MdcXSBhl2EDCsgXbisSwJdu9FQGZ2+swETHcsKar/d3F85Hl33Y2BOHg6fESweI8CxRl46rHly3m7cAc4eeIBM/h6' +
  'UdBkoXpgno/+emnTsHN6i31gKHq/XRp7exWL2CN7H1iTBXuq/uNDfBrZRxd8YcnU1nzLlNitfRPATO19oRMpqn24XLmT' +
  'fnjlBjl+shfrMX62ZAInfwFgV7h/VHqylX+D89EUf+zsDAWAHxb5QYBKsZItgFKem3eA19lcqYDp7rLpgUhUiNmBVqmZ' +
  '6YGvYvusgjedpxCC+EiKvoMJFoOOgxDnkmqDINyysYRQ0UbahFiLj6uEl4LQnYUgZ1K4hS52MbuF1O+6mYZX+apehryX' +
  'osOG5gljOocGm2W+hz+wiUWHUTRYKIeGJt69iErP3fyIzdtmvYmX8QSrijCT7ouKYfRPn4pxn7ERioDTuH6Km88eUYq1' +
  '55NEixsXqXSLNyvB3Iuwz265i7j7H0GMAwwGzYy6V2BCjNGT8SyM4ro23Y0i/AuijSbr71+Nf5m0yY2Wnu9ujdxGDMKO' +
  'ARbp/Y40B/AUjqKsDjyO9J+qro72mJjMjwUD4YaPaLghqo96JGmrj+egYc+QnqDOw5CipILekLGS/qmRNvqDLJFbgJES' +
  'kWHUD76RYxc2oJFxQwm5kYN9oXuR3ubwE5IP4wCGkidOPfOSsH/KAZLQtY9zkwRVFlqTCLbFzJMqsjp4k2646AWUKvbG' +
  'G5SUNf+/lJaQgJWUlyNFNJTAqQ69lVztp0iV23WhSpYF8ipFlqu9qGCWu0OobZbK41zolxzttlmXkgIEFJfG0tnRmA5F' +
  'G9SYOYcDP5hHo/d4mFvxKtWYXCCpG5jpEYbBmO1qoxeZjrbtCZmzvPaQmdfj4xSaFKl7iJpHJXgUmli1L7mahlNBb5qZ' +
  'hqTPmqUAbhaa0sC7YJrcFWlGm0m2UqWbTlgpEptkHhqom5xJoGabyFzpWpvoTcU4nB3vyIycLtJsvZxq9XSknO7vpjqc' +
  '+jmOXJ0CznWrnZlTOMydvYNw453RbSl+nePdpA+eD3uf1J5Z1Udtnrv0BE2e/7t14J8DCvrinzmg9f+fsAYFbJ/T3vSo' +
  'n+U86aigLlza8KAxy2cHoGBWFK+g1lSyf6D++dZuoZInGYGivCWyHKNTM/LGo2+AOqakAbbJFaRnxTEdpJu5d+ykqfxd' +
  '5qUMn+IzpRfv3L+lKgjPDqVrq2RGpXOpGEOl3ueWWqZLX9A5pl+8Q+imZaRZIKaueBFqp0hnfZ+nfjFrEqgNAC8ZqBAG' +
  '+EGoPJCo5qiERZqjqI6+wsiqCl0PXapsHEgNqxFHef+rXfYlvKvaxHCRq/4IHZmsC4X3n6w+J62yrK4ufcKtFlsRMq2p' +
  'IaL7rcqQXG+t8n2J3K4A+VxXrlWTRKyuYBGOua6HwVSIruhm1NivANPQdq8azaGUr1RQ1z2vZMORla9lyGYrr8boq9qv' +
  '7FdG76/wC3nhsC5frmiwaGkzXrC5PCUisLpYHSiw1DEnQbEIeOmpsTjvDQ6xSNBp1LGXmLjtskO+w6uycwjOp7KxMj5u' +
  'stvB+q2y7awU1LLxMxWDsw5sfWOzEKj4i7NZ9DGas2v1nq2zfFfT3LOT/P68s7oItZG0cNuK17RysEBKtNszVgu03LMA' +
  'I7Uz8jNCtTQW62i1Yz2TXbWSUU+YtdEu+Iq11d7pmLXcLJATtd+99AK2pWKYebbuf2t1tw7J3n64J6Cdnrg/mcUCuEu+' +
  'rfC4lwvY4LioCXdAuLM660u5W/Yr67oBM4ulugJzalW6IV/mlLpZZgt9unrRkBa6hXH4o7q4T0GautRZruy69hcpDbsH' +
  'rNR2uySqDL67LM7iXLyo2cpTvTGgw/O9UrSi+71dG4txvYueXgq91xpwU73/rI3tvlNdzo++Vvmrtr5dSdEMvr93ahK/' +
  'TTLivL9QLB//v1DkKSS/rk8vP7/L+Itkv+01HmPARVbZ88BLj3W5wFCaSHrAfCD+s8C2MEvWwMK5R/rA+avfCMFmQA8R' +
  'waFsMKbBqBNArsHPAkV2wkf9f6HCUPj3yMMPioJNw0w7plTDTm2/psQn1NJFxDdcUqfEi3C3vcTB/oJPxNQagvvFGCr+' +
  'VMVR8mhXxXf2k7vGR4kXOsZXPPsWxrPFpqXG2y2/7cdOKoeRx3Xnt1fH6Xd/LMgpqHIGyGTjgTPI3rbbUckWznIoyUGx' +
  'pFrJVTbpnMlqfulayWzJHqvKHSUvkso0PU21ylJLPQjKZ9vRvcqGO6Wdyp1Ejp/K7JniLsuvCINKy92XPO7L//01Y8x3' +
  '64FmzNVYO9PM9uTzZM0W9C+6zSAtDOPN5Gnnw84PhaAtzmOTtOvPRpNqAc+AzYrtz/mGwlDQKYrLr9DIsuYk0Z8hDpbR' +
  '0Hq5QdJ/TMRb0qnDu3LTUzspTNOKqToi07bDRTfT/vBxBtQ81SGS1HNeOibUvHAOItTlj2/O1Sy5FIfVqXXf4NWuPWqy' +
  '1dldvUDXF20B49c/OM+h10kpGvrXTvcFf9e2a63+189SK/3YK/AmcNg3KDYs2E4EYeHYqbOX/ti1wIFI2MOEkkvZpJdL' +
  'HdnCVBZb2co/W83Z/WokAdn/MhVJ2nDfpNnaishVNNrr/0jG2wSFLfzbJzzqhttWzbT024lrlGbbq3yaLtwM/J8U3CZQ' +
  'EprdLKbdst2NOK+M3cY1rB7d1DAavN3WSPS/3eZNBhLeEt52j956TDzC31xj6H3fd1kfyt+foz8K36oDXZ7gNdMkd+DH' +
  'w4eT4P+jzgrhHpx+kOFqTi6E4XUF+//hgtZUvOGMYZ044cZR46Hh0htM4+IiWtmN4iyLjC7iTbTfAOLxp0cC4vpC9ofi' +
  '/wBW6OMYCHOF427CNo3j8Z/FtuSE3WFy5JjWYWvksw1j4uTaRJtT5SeOb8XlMIJPg+Uw2Ned5UHMPYvluSPIruXGMmpA' +
  '5hzIDwXmnPJta+bN3Lny5tQ3b4znLyR4IOdxevr556ugHi/nyCjUvOhMsjCD6E9SUJjo2fKqH+jsVinA6PUKsHfpV4Aj' +
  'M+lcM6a56W/un37prgsgn+nmEyo06etZdGjp+CrNxOpEEOs16n51NePqjb1gc+qYemjg6ry3VG3q6lTkmOsPCN9E666e' +
  '5L3sBOD5q+xJooti7FFYd+fsgjLRhezfCN6e7Sox1/btPGbl++3C7fVW7dbL7uDu49sXJO9cPvGv73l8gRjvnNFAje+e' +
  '0MT+761UIk/vy7+bzO/a2kEy7+Pw4QbwIbq6y/A9suYB8E1C0/PwXKymafCcHID28MH3GYzw2xT46vDlQI3+8RzbotPx' +
  'Szi7ffHl2ph88kEWiRDyXsKiffJu+Hx68ud2Cz/z9eDtwPRO+eNg9G3knwH0fJ/1A/SiBorJ9LuDbW71JOPTmvUp/mQZ' +
  '9UI3BJv16Q/hDvZPzcXu9vjpPHv3JB6da/dXePdC91x2qWr3sRUJ9PfYOHAb9/2xqWn4At8R1/iWkOT++VsTuHP5de2J' +
  'ofmA+bXM+a0PJtP6IB1QJfr0rfYo+zfAe9X7XpvOW/uBvHkE+9QvfX/7+zhu/vz67tZP/QwZZH79Tex1q/2t4ihs/kdA' +
  'GIL/Lr2Eg/9BlUAo/2gFaV4='
const bytes = Buffer.from(packed, 'base64')
