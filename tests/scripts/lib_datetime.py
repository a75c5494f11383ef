# expected: by hand
# datetime without the present time; messages as in 3.14.
from datetime import date, time, datetime, timedelta, timezone
d = date(2024, 2, 29); t = datetime(2024, 2, 29, 13, 45, 30, 123456)
print(d, repr(d), t, repr(t), d.weekday(), d.isoweekday(), d.isocalendar(), d.toordinal(), date.fromordinal(1), d.replace(year=2025, day=1), t.date(), t.time(), t.isoformat(" ", "minutes"), d.ctime())
print(d + timedelta(days=366), date(2024, 3, 1) - d, t - datetime(2023, 1, 1), timedelta(days=1, hours=-5), repr(timedelta(seconds=90061.5)), timedelta(1) * 2.5, timedelta(10) / timedelta(4), -timedelta(hours=1), divmod(timedelta(10), timedelta(3)), timedelta(hours=30).total_seconds(), timedelta.max > timedelta(1))
print(t.strftime("%Y-%m-%d %H:%M:%S.%f %a %A %b %B %j %p %y %U %%"), datetime.strptime("2024-05-06 07:08:09", "%Y-%m-%d %H:%M:%S"), datetime.strptime("6 May 24", "%d %b %y"), datetime.fromisoformat("2024-05-06T07:08:09+02:00"), date.fromisoformat("2024-05-06"), time.fromisoformat("12:30"), f"{d:%d/%m}")
u = datetime(2024, 1, 1, tzinfo=timezone.utc); z = timezone(timedelta(hours=5, minutes=30), "IST")
print(u, u.astimezone(z), u.timestamp(), datetime.fromtimestamp(0, timezone.utc), u.tzname(), z.utcoffset(None), u == u.astimezone(z), u.utctimetuple().tm_yday)
for bad in (lambda: date(2023, 2, 29), lambda: datetime(2024, 13, 1), lambda: time(25), lambda: date(1, 1, 1) - timedelta(1), lambda: u < t, lambda: datetime.strptime("x", "%Y"), lambda: date.fromisoformat("bad")):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)
print(d < date(2025, 1, 1), sorted([date(2024, 1, 2), date(2023, 1, 1)]), hash(d) == hash(date(2024, 2, 29)), {d: 1}[date(2024, 2, 29)], min(date.max, d), time(1, 2) < time(1, 3), bool(timedelta(0)))
import calendar
print(calendar.isleap(2024), calendar.monthrange(2024, 2), calendar.month(2024, 2).splitlines()[2])
