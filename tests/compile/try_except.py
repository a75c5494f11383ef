def f(a):
    try:
        a()
    except ValueError:
        return 1
    except (KeyError, OSError) as e:
        print(e)
        raise
    except:
        raise X from a
    else:
        b()
    for i in a:
        try:
            if i:
                continue
            break
        except E as err:
            continue
