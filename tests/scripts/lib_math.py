# math.
import math as m
print(m.pi, m.e, m.tau, m.inf, m.nan, m.sqrt(2), round(m.cbrt(27), 12), m.exp(1), m.exp2(3), m.expm1(1e-10), m.log(10), m.log(8, 2), m.log2(8), m.log10(1000), m.log1p(1e-10), m.log(2**1000), m.pow(2, 0.5))
print(m.sin(1), m.cos(1), m.tan(1), m.asin(1), m.acos(0), m.atan(1), m.atan2(1, -1), m.sinh(1), m.cosh(1), m.tanh(1), m.degrees(m.pi), m.radians(180), m.hypot(3, 4), m.hypot(1, 2, 2), m.dist([0, 0], [3, 4]))
print(m.floor(-1.5), m.ceil(-1.5), m.trunc(-1.5), m.floor(10**30), m.fabs(-3), m.fmod(-7, 3), m.remainder(7, 4), m.modf(2.5), m.frexp(8), m.ldexp(0.5, 4), m.copysign(1, -0.0), m.isqrt(17), m.fsum([0.1] * 10), m.prod([1, 2, 3]), m.prod([], start=5), m.sumprod([1, 2], [3, 4]))
print(m.gcd(12, 18), m.gcd(), m.gcd(-4, 6, 8), m.lcm(4, 6), m.lcm(0, 5), m.factorial(20), m.comb(10, 3), m.perm(5, 2), m.perm(4), m.comb(3, 5), m.gamma(5), m.lgamma(10), m.erf(1), m.erfc(1), m.ulp(1.0), m.nextafter(1, 2), m.fma(2, 3, 4))
print(m.isnan(m.nan), m.isinf(-m.inf), m.isfinite(1), m.isclose(0.1 + 0.2, 0.3), m.isclose(1, 1.1, rel_tol=0.2), m.isclose(0, 1e-9, abs_tol=1e-8), m.floor(2**53 + 0.5), m.ceil(1e300) == int(1e300))
for bad in (lambda: m.sqrt(-1), lambda: m.log(0), lambda: m.exp(1000), lambda: m.factorial(-1), lambda: m.factorial(1.5), lambda: m.isqrt(-1), lambda: m.floor("a"), lambda: m.gcd(1.5), lambda: m.acos(2), lambda: m.pow(-1, 0.5), lambda: m.fmod(1, 0), lambda: m.comb(-1, 2), lambda: m.floor(m.nan), lambda: m.hypot("a"), lambda: m.ldexp(1, 10**6), lambda: m.dist([1], [1, 2])):
    try:
        print(bad())
    except Exception as e:
        print(type(e).__name__)
