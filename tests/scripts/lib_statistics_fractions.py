# fractions, decimal, statistics.
from fractions import Fraction as F
from decimal import Decimal as D, getcontext, ROUND_HALF_UP
import statistics as st
print(F(1, 3) + F(1, 6), F("0.125"), F(0.5), F(3, -6), F(7, 2) // 1, F(1, 3) ** 2, float(F(1, 4)), F(1, 2) == 0.5, F(22, 7).limit_denominator(3), round(F(7, 2)), repr(F(1, 2)), hash(F(2)) == hash(2))
print(D("0.1") + D("0.2"), D(1) / D(3), D("1.005").quantize(D("0.01"), ROUND_HALF_UP), D("1E+3"), D(2).sqrt(), D("10") % 3, D("-0"), D("NaN"), D("1.10") == D("1.1"), f"{D('1234.5'):,.2f}", int(D("7.9")), D(0.5), repr(D("1.0")))
getcontext().prec = 5; print(D(1) / D(7))
try:
    D(1) / 0
except ZeroDivisionError as e:
    print(type(e).__name__)
print(st.mean([1, 2, 3, 4]), st.median([3, 1, 2]), st.mode("aab"), st.stdev([1, 2, 3]), st.pvariance([1, 2]), st.fmean([1, 2]), st.quantiles([1, 2, 3, 4, 5]), st.median_low([1, 2]))
